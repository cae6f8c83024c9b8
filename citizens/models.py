"""The citizen: who answers."""

import uuid
from datetime import date
from typing import Self

from django.db import IntegrityError, models
from django.db.models import Q
from django.db.models.functions import Length, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citizens import cpr, cpr_sealing
from municipalities.models import Municipality
from municipalities.scope import Scope, within


def _beginning(column: str, length: int) -> Substr:
    return Substr(column, 1, length, output_field=models.BinaryField())


class CitizenQuerySet(models.QuerySet["Citizen"]):
    def of(self, municipality: Municipality) -> Self:
        """Those whom this municipality may see: its residents."""
        return self.filter(municipality=municipality)

    def by_cpr(self, number: str) -> Self:
        """The one with this CPR number, however it was typed; raises cpr.InvalidCpr.

        Found also where the keys are being changed and the row still is under a former one.
        """
        return self.filter(cpr_hash__in=cpr_sealing.lookup_values(cpr.normalise(number)))

    def under_former_keys(self) -> Self:
        """Those whose CPR number is not sealed and found by the current keys yet."""
        return self.annotate(
            _seal=_beginning("cpr_sealed", len(cpr_sealing.current_seal())),
            _lookup=_beginning("cpr_hash", len(cpr_sealing.current_lookup())),
            _lookup_bytes=Length("cpr_hash"),
        ).exclude(
            _seal=cpr_sealing.current_seal(),
            _lookup=cpr_sealing.current_lookup(),
            _lookup_bytes=cpr_sealing.LOOKUP_BYTES,
        )

    def named(self, text: str) -> Self:
        """Those whose name holds every word of `text`, in any order."""
        found = self
        for word in text.split():
            found = found.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
        return found


class CitizenManager(models.Manager.from_queryset(CitizenQuerySet)):  # type: ignore[misc]
    def enrol(self, *, cpr_number: str, **fields: object) -> "Citizen":
        """Create a citizen, sealing the CPR number in its column.

        Raises IntegrityError where somebody has the number already, also under a former key: the database compares
        only values of the same key.
        """
        citizen: Citizen = self.model(**fields)
        citizen.keep_cpr(cpr.normalise(cpr_number))
        # Also where another municipality has them, whose rows we do not see.
        with within(Scope.login(cpr_hashes=cpr_sealing.lookup_values(cpr.normalise(cpr_number)))):
            if self.by_cpr(cpr_number).exists():
                raise IntegrityError("A citizen with this CPR number exists already.")
        citizen.save(force_insert=True)
        return citizen


NAMED_BY = ("given_name", "family_name", "is_name_protected", "birth_date")
"""The fields that a list names a citizen by."""


class Citizen(models.Model):
    """A person with a CPR number who lives in a municipality (FHIR Patient)."""

    class Sex(models.TextChoices):
        FEMALE = "female", gettext_lazy("Kvinde")
        MALE = "male", gettext_lazy("Mand")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="citizens")
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120)
    birth_date = models.DateField()
    sex = models.CharField(max_length=10, choices=Sex)
    cpr_sealed = models.BinaryField(
        help_text="AES-GCM; read through `Citizen.cpr` only where it must leave us."
    )
    cpr_hash = models.BinaryField(
        max_length=cpr_sealing.LOOKUP_BYTES, unique=True, help_text="Keyed; what a number is found by."
    )
    # Name and address protection: the name is not shown in lists, and not to other citizens' screens.
    is_name_protected = models.BooleanField(default=False)
    # What NemSMS answered when we last asked, for staff to see; None until then. It decides nothing: NemSMS is asked
    # anew for each message (notifications.sending).
    is_nemsms_enrolled = models.BooleanField(null=True, blank=True)
    nemsms_asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CitizenManager()

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_nemsms_enrolled__isnull=True, nemsms_asked_at__isnull=True)
                | Q(is_nemsms_enrolled__isnull=False, nemsms_asked_at__isnull=False),
                name="nemsms_answer_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "family_name", "given_name"], name="citizen_by_name")]

    def __str__(self) -> str:
        return f"Citizen {self.pk}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def shown_name(self) -> str:
        """The name for lists and headings of staff screens, respecting name protection."""
        return _("Navnebeskyttet borger") if self.is_name_protected else self.name

    @property
    def cpr(self) -> str:
        """The whole number. For the edges that must send it, never for a screen, a log or a URL."""
        return cpr_sealing.unseal(bytes(self.cpr_sealed), owner=self.pk)

    def keep_cpr(self, number: str) -> None:
        """Put a normalised number into the row, under the current keys; the caller saves it."""
        self.cpr_sealed = cpr_sealing.seal(number, owner=self.pk)
        self.cpr_hash = cpr_sealing.lookup_value(number)

    @property
    def is_outside_nemsms(self) -> bool:
        """Whether NemSMS said, when last asked, that the citizen gets no text messages; False where nobody asked."""
        return self.is_nemsms_enrolled is False

    @property
    def masked_cpr(self) -> str:
        return cpr.masked(self.cpr)

    def age_on(self, day: date) -> int:
        """Whole years lived on `day`."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)
