"""The 98 municipalities of Denmark: code, name, region and roll-out wave; plain data, no Django.

Codes, names and regions are the official ones (the municipal reform of 2007; Christiansø, code 0411,
belongs to the Ministry of Defence and is no municipality). **The CVR numbers are made up**
(`NationalMunicipality.cvr` says how) and **the waves are an example**, in which wave 4 is half the country.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Region(StrEnum):
    """The five regions, by the name they have in the database."""

    HOVEDSTADEN = "hovedstaden"
    SJAELLAND = "sjaelland"
    SYDDANMARK = "syddanmark"
    MIDTJYLLAND = "midtjylland"
    NORDJYLLAND = "nordjylland"


@dataclass(frozen=True, slots=True)
class NationalMunicipality:
    """One municipality as the whole country knows it.

    `code` is the official municipality code with its leading zero ("0851"); `name` the short name
    ("Aalborg"), `full_name` the authority's ("Aalborg Kommune"); `wave` the roll-out wave, 1 to 4.
    """

    code: str
    name: str
    region: Region
    wave: int

    @property
    def full_name(self) -> str:
        """The authority's own name; two islands and the capital are spelled their own way."""
        return _FULL_NAMES.get(self.code, f"{self.name} Kommune")

    @property
    def cvr(self) -> str:
        """An eight-digit number in the place of the CVR number: "9" and the code, **not a real one**."""
        return f"9{self.code:0>7}"


_FULL_NAMES = {"0101": "Københavns Kommune", "0400": "Bornholms Regionskommune"}

_BY_REGION: dict[Region, str] = {
    Region.HOVEDSTADEN: """
        0101 København, 0147 Frederiksberg, 0151 Ballerup, 0153 Brøndby, 0155 Dragør, 0157 Gentofte,
        0159 Gladsaxe, 0161 Glostrup, 0163 Herlev, 0165 Albertslund, 0167 Hvidovre, 0169 Høje-Taastrup,
        0173 Lyngby-Taarbæk, 0175 Rødovre, 0183 Ishøj, 0185 Tårnby, 0187 Vallensbæk, 0190 Furesø,
        0201 Allerød, 0210 Fredensborg, 0217 Helsingør, 0219 Hillerød, 0223 Hørsholm, 0230 Rudersdal,
        0240 Egedal, 0250 Frederikssund, 0260 Halsnæs, 0270 Gribskov, 0400 Bornholm""",
    Region.SJAELLAND: """
        0253 Greve, 0259 Køge, 0265 Roskilde, 0269 Solrød, 0306 Odsherred, 0316 Holbæk, 0320 Faxe,
        0326 Kalundborg, 0329 Ringsted, 0330 Slagelse, 0336 Stevns, 0340 Sorø, 0350 Lejre,
        0360 Lolland, 0370 Næstved, 0376 Guldborgsund, 0390 Vordingborg""",
    Region.SYDDANMARK: """
        0410 Middelfart, 0420 Assens, 0430 Faaborg-Midtfyn, 0440 Kerteminde, 0450 Nyborg, 0461 Odense,
        0479 Svendborg, 0480 Nordfyns, 0482 Langeland, 0492 Ærø, 0510 Haderslev, 0530 Billund,
        0540 Sønderborg, 0550 Tønder, 0561 Esbjerg, 0563 Fanø, 0573 Varde, 0575 Vejen, 0580 Aabenraa,
        0607 Fredericia, 0621 Kolding, 0630 Vejle""",
    Region.MIDTJYLLAND: """
        0615 Horsens, 0657 Herning, 0661 Holstebro, 0665 Lemvig, 0671 Struer, 0706 Syddjurs,
        0707 Norddjurs, 0710 Favrskov, 0727 Odder, 0730 Randers, 0740 Silkeborg, 0741 Samsø,
        0746 Skanderborg, 0751 Aarhus, 0756 Ikast-Brande, 0760 Ringkøbing-Skjern, 0766 Hedensted,
        0779 Skive, 0791 Viborg""",
    Region.NORDJYLLAND: """
        0773 Morsø, 0787 Thisted, 0810 Brønderslev, 0813 Frederikshavn, 0820 Vesthimmerlands, 0825 Læsø,
        0840 Rebild, 0846 Mariagerfjord, 0849 Jammerbugt, 0851 Aalborg, 0860 Hjørring""",
}

# Everyone not named here is in wave 4: that is how a last wave comes to hold half the country.
_EARLIER_WAVES: dict[int, str] = {
    1: "0101 0147 0461 0479 0607 0751 0840 0851",
    2: "0157 0173 0190 0219 0230 0265 0316 0330 0370 0430 0540 0561 0621 0630 0657 0730 0791",
    3: """0153 0159 0163 0169 0185 0210 0217 0240 0259 0326 0376 0390 0410 0510 0573 0580
          0615 0661 0740 0746 0756 0773 0813 0860""",
}


def _municipalities() -> tuple[NationalMunicipality, ...]:
    waves = {code: wave for wave, codes in _EARLIER_WAVES.items() for code in codes.split()}
    return tuple(
        NationalMunicipality(code=code, name=name, region=region, wave=waves.get(code, 4))
        for region, rows in _BY_REGION.items()
        for code, name in (row.split(maxsplit=1) for row in rows.split(","))
    )


MUNICIPALITIES: tuple[NationalMunicipality, ...] = _municipalities()
BY_CODE: dict[str, NationalMunicipality] = {each.code: each for each in MUNICIPALITIES}
