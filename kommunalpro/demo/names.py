"""Names for people who do not exist: common in Denmark in the decade of birth, and from elsewhere too."""

from __future__ import annotations

from typing import Literal

_GIVEN: dict[str, tuple[tuple[int, str], ...]] = {
    # (last year of birth, names): the first row that reaches the year is the generation's.
    "female": (
        (1949, "Inger Kirsten Karen Else Birthe Ruth Ellen Grethe Gerda Aase Edith Jytte Ingrid Lis Kaja"),
        (
            1964,
            "Lene Hanne Annette Susanne Bente Birgit Jette Vibeke Ulla Anne-Marie Tove Solveig Dorrit",
        ),
        (1979, "Mette Charlotte Pia Rikke Tina Heidi Helle Dorte Gitte Maibritt Sanne Trine Pernille Åse"),
        (2100, "Ida Sofie Freja Cecilie Signe Maja Sille Laura Line Astrid Søs Kamilla Julie Nanna"),
    ),
    "male": (
        (1949, "Knud Svend Poul Ejnar Børge Aage Niels Kaj Verner Orla Henning Otto Erling Gunnar Tage"),
        (1964, "Jørgen Bent Leif Flemming Finn Kurt Ole Steen Torben Preben Carsten Åge Egon Hans-Peter"),
        (1979, "Lars Søren Henrik Claus Brian Kenneth Allan Jesper Morten Rene Ulrik Bjarne Troels Jan"),
        (2100, "Mads Emil Frederik Asger Nikolaj Tobias Malthe Kasper Simon Anton Bjørn Villads Oliver"),
    ),
}
_FAMILY: str = """
Nielsen Jensen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Madsen Kristensen
Olsen Thomsen Møller Poulsen Knudsen Mortensen Østergaard Kjær Bæk Lauritzen Dahl Frandsen Nørgaard
Vestergaard Bisgaard Kragh Toft Skov Lindegård Holm Bruun Brøndum Aagaard Klitgaard Hald
Søndergaard Thorup Gravesen
Damsgaard Øllgaard Røjkjær Mikkelsen Winkel Vad Torp Højrup Lykke Bertelsen
"""

# People from elsewhere keep their families' names: (family names, given names of women, of men).
_ELSEWHERE: tuple[tuple[str, str, str], ...] = (
    ("Yılmaz Demir Kaya Şahin", "Ayşe Emine Hatice", "Mehmet Hüseyin Ali"),
    ("Hodžić Begić Kovačević", "Jasmina Amra Senada", "Emir Nermin Dragan"),
    ("Nguyễn Tran Pham", "Lan Thi-Mai Hoa", "Van-Minh Tuan Duc"),
    ("Al-Hassan Haddad Khalil", "Zahra Rania Mariam", "Mohammed Omar Yusuf"),
    ("Hosseini Karimi Ahmadi", "Shirin Parisa Nasrin", "Amir Reza Dariush"),
    ("Kowalska-Holm Nowak Wójcik", "Katarzyna Małgorzata Ewa", "Piotr Grzegorz Wojciech"),
    ("Kleist Heilmann Egede", "Aviaja Pipaluk Naja", "Malik Inuk Aqqaluk"),
    ("Joensen Djurhuus Við-Streym", "Sunnvá Bergljót Rannvá", "Høgni Jógvan Tróndur"),
    ("Sivakumar Rajan Nadarajah", "Priya Kamala Lakshmi", "Suresh Kumar Mohan"),
    ("Warsame Abdi Farah", "Hodan Amina Sahra", "Abdullahi Hassan Ismail"),
)
_FAMILIES_OF: dict[str, tuple[str, ...]] = {
    given: tuple(families.split())
    for families, women, men in _ELSEWHERE
    for given in f"{women} {men}".split()
}


def given_names(sex: Literal["female", "male"], birth_year: int) -> tuple[str, ...]:
    """Given names to choose from: those of the generation, and about one in seven from elsewhere."""
    generation = next(names for last_year, names in _GIVEN[sex] if birth_year <= last_year).split()
    column = 1 if sex == "female" else 2
    elsewhere = [name for row in _ELSEWHERE for name in row[column].split()]
    return (*(generation * 13), *elsewhere)


def family_names(given_name: str) -> tuple[str, ...]:
    """Family names that go with a given name."""
    return _FAMILIES_OF.get(given_name, tuple(_FAMILY.split()))
