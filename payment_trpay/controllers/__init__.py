from . import notify, pay
