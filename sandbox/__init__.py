"""A local server that behaves as Turkish payment service providers document.

It is written from the providers' documents alone and knows nothing of the addon that talks to it,
so that a misreading on one side is not repeated on the other. See README.md.
"""
