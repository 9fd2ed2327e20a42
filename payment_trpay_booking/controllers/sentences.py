"""Sentences with amounts and moments in them: each language puts these where it wants."""


class Sentences:
    """What the pages say.

    :param Clock clock: The visitor's.
    :param res.currency currency: The currency of all amounts.
    """

    def __init__(self, clock, currency):
        self.env = clock.env
        self.clock = clock
        self.money = currency.format

    def to_pay_now(self, amount):
        return self.env._("%s to pay now", self.money(amount))

    def terms(self, price, terms, last_change, notice):
        """What is paid when, until when it can be canceled, and what comes back.

        :param float notice: How many hours there are until it begins.
        """
        return [
            *self._price(price, terms),
            self.last_change(last_change),
            *self.env["deposit.policy"]._describe_cancellation(terms, notice),
        ]

    def last_change(self, moment):
        return self.env._("You can move or cancel it until %s.", self.clock.moment(moment))

    def _price(self, price, terms):
        deposit, rest = terms["deposit"], price - terms["deposit"]
        if not price:
            return [self.env._("It is free of charge.")]
        if not deposit:
            return [
                self.env._(
                    "Nothing is paid now. The price of %s is paid at the appointment.",
                    self.money(price),
                )
            ]
        sentences = [self.env._("You pay %s now, and the time is yours.", self.money(deposit))]
        if rest > 0:
            sentences.append(
                self.env._(
                    "You pay the other %s later: at the appointment, or online.", self.money(rest)
                )
            )
            if terms["may_pay_in_full"]:
                sentences.append(self.env._("If you like, you can pay all of it now."))
        return sentences

    def quote(self, give_back, kept):
        """What a cancellation gives back and keeps."""
        amounts = {"back": self.money(give_back), "kept": self.money(kept)}
        if give_back and kept:
            return self.env._(
                "You get back %(back)s. The other %(kept)s are kept, as the terms say.", **amounts
            )
        if give_back:
            return self.env._("You get back all that you have paid: %s.", amounts["back"])
        if kept:
            return self.env._(
                "You get nothing back any more: the terms say that %s is kept.", amounts["kept"]
            )
        return self.env._("You have not paid anything yet, so nothing is kept.")

    def yours_until(self, deadline):
        clock = self.clock
        until = clock.time(deadline) if clock.is_today(deadline) else clock.moment(deadline)
        return self.env._("This time is yours until %s", until)

    def part(self, paid, missing):
        return self.env._(
            "We received %(paid)s. %(missing)s are missing.",
            paid=self.money(paid),
            missing=self.money(missing),
        )

    def kept_until(self, deadline):
        return self.env._("The time is kept for you until %s.", self.clock.moment(deadline))

    def missed(self, due, deposit):
        if due:
            return self.env._("By the terms that you agreed to, %s is due.", self.money(due))
        if deposit:
            return self.env._("By the terms that you agreed to, the deposit is not given back.")
        return ""

    def paid_on(self, moment):
        return self.env._("Paid on %s", self.clock.day(moment))

    def books_as(self, name):
        return self.env._("You book as %s.", name)
