"""Fields that follow from payments: only the server writes them, whatever rights a user has.

What users may decide has a button or a dialog, whose method checks their rights and then goes on as
the superuser.
"""

from odoo import api, models
from odoo.exceptions import AccessError

OWN = ("trpay_", "deposit_", "refund_by_hand")


class GuardedMixin(models.AbstractModel):
    _name = "guarded.mixin"
    _description = "Written in Part by the Server Only"

    @api.model_create_multi
    def create(self, vals_list):
        defaults = {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_")
        }
        for vals in vals_list:
            self._guard({name: value for name, value in (defaults | vals).items() if value})
        return super().create(vals_list)

    def write(self, vals):
        self._guard(vals)
        return super().write(vals)

    def _guard(self, vals):
        """Refuse what only the payments may decide.

        :raise AccessError: With the names of the fields.
        """
        guarded = not self.env.su and self._guarded(vals)
        if guarded:
            raise AccessError(
                self.env._("This follows from the payments: %s", ", ".join(sorted(guarded)))
            )

    def _guarded(self, vals):
        """Which of these values only the server may write.

        :param dict vals: What is to be written to these records, or to a new one.
        :rtype: set[str]
        """
        return {name for name in self._read_only(vals) if name.startswith(OWN)}

    def _read_only(self, vals):
        """Which of these fields no form lets anybody write."""
        return {name for name in vals if name in self._fields and self._fields[name].readonly}
