"""The 98 municipalities and their care teams."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.national import BY_CODE


class Region(models.TextChoices):
    HOVEDSTADEN = "hovedstaden", _("Region Hovedstaden")
    SJAELLAND = "sjaelland", _("Region Sjælland")
    SYDDANMARK = "syddanmark", _("Region Syddanmark")
    MIDTJYLLAND = "midtjylland", _("Region Midtjylland")
    NORDJYLLAND = "nordjylland", _("Region Nordjylland")


class Municipality(models.Model):
    """A municipality: the data controller of the courses that its care teams run."""

    code = models.CharField(max_length=4, unique=True, validators=[RegexValidator(r"^\d{4}$")])
    name = models.CharField(max_length=80, unique=True)
    region = models.CharField(max_length=20, choices=Region)
    cvr = models.CharField(max_length=8, unique=True, validators=[RegexValidator(r"^\d{8}$")])
    wave = models.PositiveSmallIntegerField(help_text="The roll-out wave it goes live in.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "municipalities"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^\d{4}$"), name="municipality_code_has_four_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(cvr__regex=r"^\d{8}$"), name="municipality_cvr_has_eight_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(wave__range=(1, 5)), name="municipality_wave_is_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def authority_name(self) -> str:
        """The name as it stands on letters: “Aalborg Kommune”, “Københavns Kommune”."""
        known = BY_CODE.get(self.code)
        return known.full_name if known else f"{self.name} Kommune"


class CareTeam(models.Model):
    """A team in a municipality that follows citizens together (FHIR CareTeam)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="care_teams")
    name = models.CharField(max_length=120)
    # Why its citizens are followed, as SKS says it: FUT demands a reason of the team and a diagnosis of the episode.
    condition_code = models.CharField(max_length=20, help_text="SKS, such as “DZ509”.")
    condition_name = models.CharField(max_length=120)
    is_active = models.BooleanField(
        default=True, db_default=True, help_text="Whether citizens can be given new plans in it."
    )

    login_id = models.CharField(
        max_length=100, blank=True, default="", db_default="",
        help_text="What FUT calls it, and so the roles of a login; empty where it is not on FUT yet.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"], name="care_team_name_once_a_municipality"
            ),
            models.UniqueConstraint(
                fields=["login_id"], condition=~models.Q(login_id=""), name="one_care_team_a_login_id"
            ),
            # For the courses, which name the team together with its municipality.
            models.UniqueConstraint(fields=["municipality", "id"], name="care_team_of_municipality"),
        ]

    def __str__(self) -> str:
        return self.name
