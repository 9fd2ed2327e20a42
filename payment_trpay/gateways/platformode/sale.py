"""How a payment begins: in which of the flows."""

from ..base import Checkout, Order, Reason, Refused, Step, Unsupported
from .cards import Cards
from .page import Page


class Sale(Page, Cards):
    """All ways to pay."""

    def open(self, order: Order, checkout: Checkout) -> Step:
        """Begin a payment in the chosen flow, or in the one that the token allows.

        :raise Refused: With Platformode's reason.
        :raise Unsupported: For a currency that Platformode does not take.
        """
        if order.amount.currency not in self.currencies:
            raise Unsupported(f"Platformode does not take {order.amount.currency}")
        match self._flow(checkout):
            case "card_3d":
                return self._entry_3d(order, checkout)
            case "card_2d":
                return self._entry_2d(order, checkout)
        return self._open_page(order, checkout)

    def _flow(self, checkout: Checkout) -> str:
        if checkout.stored_card:
            return self._flow_of_stored(checkout.flow)
        return checkout.flow or self._flow_of_typed()

    def _flow_of_typed(self) -> str:
        """Never the one that brings card numbers to the shop: that is for its owner to decide."""
        match self._flows():
            case ("card_2d",):
                raise Refused("is_3d 0", reason=Reason.FLOW_NOT_CHOSEN)
            case (flow, *_):
                return flow
        return "page"

    def _flow_of_stored(self, wanted: str) -> str:
        """The page knows no stored cards; what was chosen is Platformode's to refuse."""
        flow = wanted or next(iter(self._flows()), "page")
        if flow == "page":
            raise Refused(f"no stored card in flow {flow}", reason=Reason.NOT_ACTIVATED)
        return flow
