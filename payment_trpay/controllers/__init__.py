from . import deposit, notify, pay
