"""The list price of a treatment at a location from a day on."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contracts.billing import PriceChanged
from contracts.values import LocationId, Money, PriceId
from services.billing.record import Record


class Price(Record):
    """Zero is a price too: the treatment is free of charge there, on purpose."""

    __tablename__ = "price"

    id: Mapped[PriceId] = mapped_column(primary_key=True)
    version: Mapped[int]
    treatment: Mapped[str]
    location_id: Mapped[LocationId]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    effective_on: Mapped[date]

    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        UniqueConstraint("location_id", "treatment", "effective_on", name="uq_price_location_treatment_day"),
    )

    @property
    def money(self) -> Money:
        return Money(minor=self.amount, currency=self.currency)

    def change(self, price: Money, *, at: datetime) -> PriceChanged | None:
        """Charge this from the price's day on; None when it is so already."""
        if self.version and self.money == price:
            return None
        self.amount, self.currency, self.version = price.minor, price.currency, self.version + 1
        return PriceChanged(
            price_id=self.id,
            version=self.version,
            at=at,
            treatment=self.treatment,
            location_id=self.location_id,
            price=price,
            effective_on=self.effective_on,
        )
