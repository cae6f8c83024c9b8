"""What `make run` and `make test` need around the application: real servers that nobody has to install.

Nothing here knows Django's settings; a server in production uses none of it.
"""
