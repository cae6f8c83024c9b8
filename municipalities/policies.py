"""Row-level security as migrations write it: a table's policies, and what the application's role may do with it.

    operations = [
        Wall(
            "Task",
            Policy("staff", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            Policy("own", "SELECT", using=OF_CITIZEN),
        ),
    ]

Policies of one command add up: a row is seen where one of them holds. A table without a wall and without
`Grant` cannot be used by the application at all; `tests/walls/` tells which are missing.
The words below are plain comparisons of the table's columns with what `municipalities.scope` has set, each
asked once a query (`(SELECT …)`), so that they cost little and never hide an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Both are made where the database is made: docker-compose.yml, kommunalpro/embedded/postgres.py.
APPLICATION_ROLE = "kommunalpro"
OWNER_ROLE = "kommunalpro_owner"

Privilege = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
EVERYTHING: tuple[Privilege, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE")

SYSTEM = "(SELECT scope_kind()) = 'system'"
NATIONAL = "(SELECT scope_kind()) = 'national'"
OF_MUNICIPALITY = "municipality_id = (SELECT scope_municipality())"
OF_CITIZEN = "citizen_id = (SELECT scope_citizen())"
# Somebody who is known: what is published is for all of them.
SOMEBODY = "(SELECT scope_kind()) <> 'login'"


def owned(column: str) -> str:
    """Whether the scope is the owner that `column` names; none stands for the system administration."""
    return f"{SYSTEM} OR {column} = (SELECT scope_municipality()) OR {column} IS NULL AND {NATIONAL}"


def built(column: str) -> str:
    """The same for what is built in KAM, where programs work, too (`Scope.program`)."""
    return f"{SYSTEM} OR {column} = (SELECT scope_owner()) OR {column} IS NULL AND {NATIONAL}"


def usual(condition: str) -> str:
    """The same condition, of which PostgreSQL expects that every second row fulfils it.

    For the walls around long lists that a query walks along by an index and leaves when its page is full. The query
    asks for the municipality, too; taking both for independent of each other, PostgreSQL would expect one row of ten
    thousand, and read and sort the whole list in place of walking along it. No index serves a wall by itself.
    """
    return f"COALESCE({condition}, false)"


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows a command may touch: `using` those that are there, `check` those that are written.

    `check` is as `using` where it is not given; INSERT has only a check.
    """

    name: str
    command: Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"] = "ALL"
    using: str = ""
    check: str = ""
    # Whom it lets through; everybody where it is not given.
    role: str = ""

    def create(self, table: str) -> str:
        """The SQL that puts it on a table."""
        parts = [f'CREATE POLICY "{self.name}" ON "{table}" FOR {self.command}']
        if self.role:
            parts.append(f"TO {self.role}")
        if self.using and self.command != "INSERT":
            parts.append(f"USING ({self.using})")
        if self.command not in {"SELECT", "DELETE"} and (self.check or self.command == "INSERT"):
            parts.append(f"WITH CHECK ({self.check or self.using})")
        return " ".join(parts)


class _OnTable(Operation):
    """Something done to a model's table that the model itself does not show."""

    reduces_to_sql = True

    def __init__(self, model: str) -> None:
        self.model = model

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def table(self, app_label: str, state: ProjectState) -> str:
        """The model's table; `app.Model` names another app's."""
        app, _, model = self.model.rpartition(".")
        return str(state.apps.get_model(app or app_label, model)._meta.db_table)


class Grant(_OnTable):
    """Let the application use a table that has no wall; the list in `tests/walls/` says why it needs none."""

    def __init__(self, model: str, *privileges: Privilege) -> None:
        super().__init__(model)
        self.privileges = privileges

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        _allow(schema_editor, self.table(app_label, to_state), self.privileges)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'REVOKE ALL ON "{self.table(app_label, to_state)}" FROM {APPLICATION_ROLE}')

    def describe(self) -> str:
        return f"Let the application use {self.model}"


class AddPolicy(_OnTable):
    """One more policy on a table that has its wall: for what only a later migration can say."""

    def __init__(self, model: str, policy: Policy) -> None:
        super().__init__(model)
        self.policy = policy

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(self.policy.create(self.table(app_label, to_state)))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        schema_editor.execute(f'DROP POLICY "{self.policy.name}" ON "{self.table(app_label, to_state)}"')

    def describe(self) -> str:
        return f"Let {self.policy.name} through the wall around {self.model}"


class RemovePolicy(AddPolicy):
    """One policy less, where a later migration says it otherwise; given whole, so that it can be put back."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        super().database_backwards(app_label, schema_editor, before, after)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        before: ProjectState,
        after: ProjectState,
    ) -> None:
        super().database_forwards(app_label, schema_editor, before, after)

    def describe(self) -> str:
        return f"Let {self.policy.name} no longer through the wall around {self.model}"


class Wall(_OnTable):
    """Row-level security on a table, also for its owner, and the application's privileges on it.

    `privileges`: ("SELECT", "INSERT") makes it append-only. Data migrations see the rows all the same:
    `migrate` runs in the scope *system*.
    """

    def __init__(self, model: str, *policies: Policy, privileges: tuple[Privilege, ...] = EVERYTHING) -> None:
        super().__init__(model)
        self.policies = policies
        self.privileges = privileges

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        table = self.table(app_label, to_state)
        schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        for policy in self.policies:
            schema_editor.execute(policy.create(table))
        _allow(schema_editor, table, self.privileges)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, _: ProjectState, to_state: ProjectState
    ) -> None:
        table = self.table(app_label, to_state)
        for policy in self.policies:
            schema_editor.execute(f'DROP POLICY "{policy.name}" ON "{table}"')
        schema_editor.execute(
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY'
        )
        schema_editor.execute(f'REVOKE ALL ON "{table}" FROM {APPLICATION_ROLE}')

    def describe(self) -> str:
        return f"Put a wall around {self.model}"


def _allow(editor: BaseDatabaseSchemaEditor, table: str, privileges: tuple[Privilege, ...]) -> None:
    editor.execute(f'REVOKE ALL ON "{table}" FROM {APPLICATION_ROLE}')
    editor.execute(f'GRANT {", ".join(privileges)} ON "{table}" TO {APPLICATION_ROLE}')
