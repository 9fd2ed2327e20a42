from . import access_log, card, deposit, notify, pay, recurring
