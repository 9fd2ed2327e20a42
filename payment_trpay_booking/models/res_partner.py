from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        """An appointment with a deposit needs somebody to give the money back to."""
        bookings_sudo = self.env["resource.booking"].sudo().with_context(active_test=False)
        domain = [("partner_ids", "in", self.ids), ("deposit_stage", "!=", False)]
        if bookings_sudo.search_count(domain, limit=1):
            raise UserError(
                self.env._("There are appointments of this contact. Archive it instead.")
            )
