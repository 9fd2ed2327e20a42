"""The machine room: brings Odoo 19, PostgreSQL, Chromium and wkhtmltopdf to a bare machine.

Everything lands in ``.prepared/`` and is keyed by a digest of what it is made of: a changed pin or
a changed addon rebuilds its own part and nothing else, and ``make clean`` leaves no trace.

==================  ==============================================================================
``project``         where things are, and digests of them
``console``         progress, child processes, and errors that are sentences
``workshop``        builds a part once, whatever interrupts it and whoever else builds
``virtualenv``      Python and its packages, as pinned in ``pyproject.toml``
``odoo_source``     finds Odoo 19, or fetches it
``debian``          unpacks Debian packages without root
``programs``        Chromium and wkhtmltopdf
``postgres``        the embedded PostgreSQL, unless ``PGHOST`` or ``PGUSER`` name a real one
``prepare``         the order in which the above happens, and the environment they make
``databases``       template databases, and copies of them in a second
``shop``            Odoo and the sandbox as processes that know each other's address
``demo``            ``make demo``: a shop to click through
``checks``          ``make lint`` and ``make test``
``bench``           ``make bench``: notifications per second
==================  ==============================================================================

Only the standard library is used here, for this is what runs before anything is installed.
"""
