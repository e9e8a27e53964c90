"""A member of staff, and the roles they were given."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import one_of
from chassis.errors import Conflict, Forbidden
from contracts.identity import GrantChanged, Role, StaffChanged
from contracts.values import GrantId, LocationId, StaffId
from services.identity.record import Record


class EmailTaken(Conflict):
    """Someone with this e-mail address works here already."""


class NotActive(Conflict):
    """This member of staff is disabled. Enable them first."""


class AlreadyActive(Conflict):
    """This member of staff is not disabled."""


class AlreadyGranted(Conflict):
    """They hold this role at this location already."""


class AlreadyRevoked(Conflict):
    """This role was taken from them before."""


class LastOwner(Conflict):
    """A chain keeps at least one owner for all its locations. Make someone else an owner first."""


class AlreadySetUp(Conflict):
    """This installation has staff already. Ask an owner to enrol you."""


class YourOwnPassword(Forbidden):
    """Your own password is changed by proving the present one, at `/me/password`."""


class Staff(Record):
    """Who works here. Name and e-mail address never leave identity in a fact (CP-14)."""

    __tablename__ = "staff"
    __table_args__ = (
        Index("ix_staff_display_name_id", "display_name", "id"),
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        CheckConstraint("version >= 1", name="version_counts"),
    )

    id: Mapped[StaffId] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    credential_version: Mapped[int]
    """One more whenever what was opened before must not go on: a session is bound to the one it began with."""
    active: Mapped[bool]
    enrolled_by: Mapped[UUID | None]
    enrolled_at: Mapped[datetime]
    version: Mapped[int]

    def disable(self, *, at: datetime) -> StaffChanged:
        """They no longer work here: nothing of theirs goes on, from this moment."""
        if not self.active:
            raise NotActive(id=str(self.id))
        self.active = False
        self.credential_version += 1
        return self._changed(at)

    def enable(self, *, at: datetime) -> StaffChanged:
        """They are back, with the roles they had."""
        if self.active:
            raise AlreadyActive(id=str(self.id))
        self.active = True
        return self._changed(at)

    def change_password(self, password_hash: str, *, at: datetime) -> StaffChanged:
        """A new password ends every session that the old one opened."""
        self.password_hash = password_hash
        self.credential_version += 1
        return self._changed(at)

    def _changed(self, at: datetime) -> StaffChanged:
        self.version += 1
        return StaffChanged(staff_id=self.id, active=self.active, version=self.version, at=at)


class Grant(Record):
    """One role of one person, at one location or at all of them."""

    __tablename__ = "staff_grant"
    __table_args__ = (
        Index(
            "uq_staff_grant_held",
            "staff_id",
            "role",
            "location_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_staff_grant_location_id", "location_id", postgresql_where=text("revoked_at IS NULL")),
        one_of("role", Role, name="role_is_known"),
        CheckConstraint("version >= 1", name="version_counts"),
    )

    id: Mapped[GrantId] = mapped_column(primary_key=True)
    staff_id: Mapped[StaffId] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[Role]
    location_id: Mapped[LocationId | None]
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]

    @property
    def is_chain_owner(self) -> bool:
        return self.role is Role.OWNER and self.location_id is None

    def revoke(self, *, at: datetime) -> GrantChanged:
        """Take the role away."""
        if self.revoked_at is not None:
            raise AlreadyRevoked(id=str(self.id))
        self.revoked_at = at
        self.version += 1
        return self.told(at=at)

    def told(self, *, at: datetime) -> GrantChanged:
        """The fact that tells how this grant stands."""
        return GrantChanged(
            grant_id=self.id,
            staff_id=self.staff_id,
            role=self.role,
            location_id=self.location_id,
            active=self.revoked_at is None,
            version=self.version,
            at=at,
        )
