from odoo.tests import tagged

from .common import PayTRCommon


@tagged("post_install", "-at_install")
class TestReference(PayTRCommon):
    def _compute(self, prefix):
        return self.env["payment.transaction"]._compute_reference("paytr", prefix=prefix)

    def test_letters_and_digits_only(self):
        for prefix in ("S00042-1", "INV/2026/00001", "Şişli #7", "---", "", None, "x" * 200):
            reference = self._compute(prefix)
            self.assertTrue(reference.isascii() and reference.isalnum(), reference)
            self.assertLessEqual(len(reference), 40)
            self.assertGreaterEqual(len(reference), 10)

    def test_starts_with_what_people_know(self):
        self.assertTrue(self._compute("S00042").startswith("S00042"))

    def test_never_repeats(self):
        self.assertEqual(len({self._compute("S00042") for _ in range(1000)}), 1000)

    def test_refund_references_stay_valid_however_long_the_payment_s_is(self):
        tx = self._paid(reference=self._compute("x" * 200))
        refund = tx._create_child_transaction(10, is_refund=True)
        self.assertTrue(refund.reference.isalnum())
        self.assertLessEqual(len(refund.reference), 40)

    def test_other_providers_keep_core_s_references(self):
        reference = self.env["payment.transaction"]._compute_reference("none", prefix="S00042-1")
        self.assertEqual(reference, "S00042-1")
