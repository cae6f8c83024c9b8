"""Static files under names with their hash, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = r"""(?P<matched>import (?P<name>\w+) from "(?P<url>\.[^"]+)";)"""


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also a module that one of our scripts imports is named with its hash, so that browsers may keep it.

    Django's own switch for that (`support_js_module_import_aggregation`) reads the scripts of packages, too, and
    stops at those that import what they do not bring.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((IMPORT, 'import %(name)s from "%(url)s";'),)),
    )
