from . import access_log, card, deposit, installments, notify, pay, recurring
