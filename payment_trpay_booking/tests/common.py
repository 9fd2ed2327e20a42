from datetime import UTC, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time

from odoo.addons.payment_trpay.gateways.base import Money, Outcome, State
from odoo.addons.payment_trpay.tests.common import PayTRCommon

# A Monday, early: the clinic opens at eight.
NOW = fields.Datetime.to_datetime("2030-01-07 04:00:00")


class BookingCommon(PayTRCommon):
    """A clinic with two dentists, a check-up for 1,000 and a deposit of 30 %."""

    clock_ticks = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False  # What is paid is booked, as in real life.
        cls.startClassPatcher(freeze_time(NOW, tick=cls.clock_ticks))
        cls.company = cls.env.company
        cls.company.currency_id = cls.lira
        cls.env["deposit.policy"].search([]).active = False
        cls.policy = cls.env["deposit.policy"].create(
            {
                "name": "30 %",
                "percent": 30,
                "hold_minutes": 15,
                "pending_hours": 48,
                "tier_ids": [
                    (0, 0, {"hours": 48, "percent": 100}),
                    (0, 0, {"hours": 24, "percent": 50}),
                ],
            }
        )
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Clinic", "tz": "Europe/Istanbul", "company_id": cls.company.id}
        )
        dentists = cls.env["resource.resource"].create(
            [
                {
                    "name": name,
                    "resource_type": "material",
                    "calendar_id": cls.calendar.id,
                    "tz": "Europe/Istanbul",
                }
                for name in ("Dr. Demir", "Dr. Kaya")
            ]
        )
        cls.combinations = cls.env["resource.booking.combination"].create(
            [{"resource_ids": [(6, 0, dentist.ids)]} for dentist in dentists]
        )
        cls.service = cls._create_service("Check-up", cls.combinations[0])

    @classmethod
    def _create_service(cls, name, combinations, **values):
        return cls.env["resource.booking.type"].create(
            {
                "name": name,
                "price": 1000,
                "is_published": True,
                "duration": 0.5,
                "slot_duration": 0.5,
                "modifications_deadline": 2,
                "resource_calendar_id": cls.calendar.id,
                "company_id": cls.company.id,
                "combination_rel_ids": [
                    (0, 0, {"combination_id": combination.id}) for combination in combinations
                ],
                **values,
            }
        )

    # === BOOKING === #

    def _slot(self, number=0, days=4):
        """One of the free slots from so many days from now on."""
        start = fields.Datetime.now().replace(tzinfo=UTC) + timedelta(days=days)
        return self.service._get_free_slots(start, start + timedelta(days=3))[number]

    def _book(self, slot=None, service=None, **customer):
        return self.env["resource.booking"]._book(
            service or self.service,
            slot or self._slot(),
            {"name": "Ayşe Yılmaz", "email": "ayse@example.com", "phone": "+905551112233"}
            | customer,
        )

    # === PAYING === #

    def _start_payment(self, booking, purpose="deposit", **values):
        booking._deposit_renew()
        return self._create_transaction(
            "redirect",
            reference=self._reference(),
            amount=booking._deposit_payable()[purpose],
            currency_id=self.lira.id,
            partner_id=booking.partner_id.id,
            deposit_res_model="resource.booking",
            deposit_res_id=booking.id,
            deposit_purpose=purpose,
            **values,
        )

    def _start_elsewhere(self, booking):
        """Begin to pay with a provider that is not ours, and that has no books."""
        self.startPatcher(patch.object(type(self.env["payment.transaction"]), "_create_payment"))
        return self._start_payment(
            booking,
            provider_id=self.dummy_provider.id,
            payment_method_id=self.dummy_provider.payment_method_ids[:1].id,
        )

    def _clear(self, tx):
        """The money is there, and the cron that this wakes has run."""
        minor = round(tx.amount * 100)
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(minor, "TRY")))
        tx._post_process()

    def _booked_and_paid(self, **values):
        booking = self._book(**values)
        self._clear(self._start_payment(booking))
        self.assertEqual(booking.deposit_stage, "confirmed")
        return booking

    def _expire(self, booking, **delta):
        """Let time pass, and the cron run."""
        with freeze_time(fields.Datetime.now() + timedelta(**(delta or {"minutes": 20}))):
            booking._deposit_expire()
