from . import card, deposit, notify, pay, recurring
