from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.attempt import attempt

LOGGER = "odoo.addons.payment_trpay.models.attempt"


@tagged("post_install", "-at_install")
class TestAttempt(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["deposit.policy"].create({"name": "30 %", "percent": 30})

    def test_what_came_before_fails_as_itself(self):
        entered = []
        with (
            mute_logger("odoo.sql_db"),
            self.assertNoLogs(LOGGER),
            self.assertRaises(CheckViolation),
        ):
            self.policy.percent = 500  # Not written yet.
            with attempt(self.env, "to do something else"):
                entered.append(True)
        self.assertFalse(entered)

    def test_what_fails_within_is_undone_and_the_caller_goes_on(self):
        self.policy.percent = 40
        with self.assertLogs(LOGGER) as logged, attempt(self.env, "to write a letter"):
            self.policy.name = "Changed"
            raise UserError(self.policy.name)
        self.assertIn("to write a letter", logged.output[0])
        self.assertEqual((self.policy.name, self.policy.percent), ("30 %", 40))

    def test_what_cannot_be_written_in_the_end_is_undone_too(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs(LOGGER),
            attempt(self.env, "to change the terms"),
        ):
            self.policy.percent = 500
        self.assertEqual(self.policy.percent, 30)
        self.env.flush_all()
