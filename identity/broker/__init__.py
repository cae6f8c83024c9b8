"""A stand-in for FUT's login broker: an OpenID provider where one chooses a demo person.

A Django project of its own in a process of its own, for the embedded mode only. The application knows
it only by its address. `python -m identity.broker prepare` readies its data; `identity.broker.wsgi`
serves it.
"""
