"""The pages for people: home, search, things, questions, editor, pictures, schema.

`blueprint` adds them to the application and takes over the plain pages of the endpoint by their hooks.
"""

from zonegraph.web.pages.register import blueprint

__all__ = ["blueprint"]
