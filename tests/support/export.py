"""What another system would give a clinic to take along: clients and years of visits, with all that is wrong in them.

The same seed gives the same files. Locations, people and treatments are those of the demo chain.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from embedded.demo.names import FAMILY, GIVEN
from embedded.demo.stage import CLINICS, PRACTITIONERS, TREATMENTS, WEEK, Clinic, Practitioner, Treatment

Words = tuple[tuple[str, int], ...]
"""What the status of a visit may be called, with how often it is."""

CALLED_HERE = {"midtown": "Midtown", "brooklyn-heights": "Brooklyn", "venice-beach": "Venice"}
FORMER_STAFF = ("Renée Dubois", "Jürgen Weiß", "M. Alvarez", "Temp")
PAST_WORDS: Words = (
    ("Checked Out", 80),
    ("PAID", 4),
    ("No Show", 4),
    ("no-show", 1),
    ("Cancelled by client", 6),
    ("Late Cancel", 2),
    ("Cancelled by office", 2),
    ("Arrived", 1),
)
WORDS_TO_COME: Words = (("Booked", 3), ("Confirmed", 2))
COMMENTS = (
    "",
    "",
    "",
    "Prefers the quiet room",
    "Très sensible aux produits",
    'Said "fine; as always"',
    "Room too cold – 19°",
)
CLIENT_COLUMNS = ("Client ID", "First Name", "Last Name", "E-mail", "Mobile", "DOB", "Home Clinic")
VISIT_COLUMNS = ("Appt #", "Client", "Location", "Service", "Provider", "Date", "Time", "Minutes", "Status", "Comment")
YEARS = 3
AHEAD_DAYS = (15, 60)
"""Beyond what the demo chain has in its own diary."""
TO_COME_TIMES = (time(10), time(11, 30), time(13), time(14, 30))

PATIENTS_MAP = """
kind = "patients"
source = "former"
[columns]
external_id = "Client ID"
given_name = "First Name"
family_name = "Last Name"
email = "E-mail"
phone = "Mobile"
birth_date = "DOB"
home_location = "Home Clinic"
[formats]
birth_date = "%m/%d/%Y"
[words.home_location]
Midtown = "midtown"
Brooklyn = "brooklyn-heights"
Venice = "venice-beach"
"""
APPOINTMENTS_MAP = """
kind = "appointments"
source = "former"
[columns]
external_id = "Appt #"
patient = "Client"
location = "Location"
treatment = "Service"
practitioner = "Provider"
local_start = ["Date", "Time"]
duration_minutes = "Minutes"
status = "Status"
note = "Comment"
[formats]
local_start = "%m/%d/%Y %I:%M %p"
[words.location]
Midtown = "midtown"
Brooklyn = "brooklyn-heights"
Venice = "venice-beach"
[words.status]
"Checked Out" = "completed"
"PAID" = "completed"
"no show" = "no_show"
"Cancelled by client" = "cancelled_by_patient"
"Cancelled by office" = "cancelled_by_clinic"
"Arrived" = "checked_in"
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is; `bad` of the visits can't go in, `to_come` are not over yet."""

    clients: int = 8_000
    visits: int = 100_000
    to_come: int = 1_200
    bad: int = 300


@dataclass
class Export:
    """Two files in a folder, with the mappings that fit them."""

    folder: Path
    today: date
    extent: Extent = field(default_factory=Extent)
    encoding: str = "cp1252"
    seed: int = 7

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def write(self) -> None:
        self._table("patients", PATIENTS_MAP, CLIENT_COLUMNS, self._clients())
        self._table("appointments", APPOINTMENTS_MAP, VISIT_COLUMNS, self._visits())

    def _table(self, name: str, mapping: str, columns: tuple[str, ...], rows: Iterator[list[str]]) -> None:
        (self.folder / f"{name}.toml").write_text(mapping, encoding="utf-8")
        with (self.folder / f"{name}.csv").open("w", encoding=self.encoding, newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(columns)
            writer.writerows(rows)

    def _clients(self) -> Iterator[list[str]]:
        pick = self._random.choice
        for number in range(self.extent.clients):
            given, family, clinic = pick(GIVEN), pick((*FAMILY, "Müller", "Peña")), _home(number)
            born = self.today - timedelta(days=self._random.randrange(22 * 365, 68 * 365))
            email = f"client{number}@example.com" if number % 20 else ""
            phone = f"({clinic.area_code}) 555-01{number % 100:02}"
            yield [f"C-{number}", given, family, email, phone, f"{born:%m/%d/%Y}", CALLED_HERE[clinic.code]]

    def _visits(self) -> Iterator[list[str]]:
        """In the order in which they were booked: good ones, bad ones and those to come all mixed up."""
        extent = self.extent
        past = extent.visits - extent.to_come - extent.bad
        rows = [self._past(number) for number in range(past)]
        rows += self._to_come(first=past)
        rows += [self._bad(past + extent.to_come + number) for number in range(extent.bad)]
        self._random.shuffle(rows)
        yield from rows

    def _past(self, number: int) -> list[str]:
        client = self._random.randrange(self.extent.clients)
        day = self.today - timedelta(days=self._random.randrange(2, YEARS * 365))  # over in every zone
        start = datetime.combine(day, time(9)) + timedelta(minutes=15 * self._random.randrange(36))
        staff = [each.name for each in PRACTITIONERS if each.clinic is _home(client)]
        provider = self._random.choice((*staff, *FORMER_STAFF))
        return self._row(number, client, self._random.choice(TREATMENTS), provider, start=start, words=PAST_WORDS)

    def _row(
        self, number: int, client: int, treatment: Treatment, provider: str, *, start: datetime, words: Words
    ) -> list[str]:
        [status] = self._random.choices([word for word, _ in words], [weight for _, weight in words])
        return [
            f"A{number}",
            f"C-{client}",
            CALLED_HERE[_home(client).code],
            treatment.name if number % 2 else treatment.code,
            provider,
            f"{start:%m/%d/%Y}",
            f"{start:%I:%M %p}",
            str(treatment.patient_minutes) if number % 3 else "",
            status,
            self._random.choice(COMMENTS),
        ]

    def _to_come(self, *, first: int) -> Iterator[list[str]]:
        """One each for some of those at home there: a consultation disturbs nothing that was needled before."""
        consultation = next(each for each in TREATMENTS if not each.needles)
        at_home = {each.code: self._at_home(each) for each in CLINICS}
        for number, (person, start) in enumerate(islice(self._free_times(), self.extent.to_come), first):
            client = next(at_home[person.clinic.code])
            yield self._row(number, client, consultation, person.name, start=start, words=WORDS_TO_COME)

    def _at_home(self, clinic: Clinic) -> Iterator[int]:
        return (number for number in range(self.extent.clients) if _home(number) is clinic)

    def _free_times(self) -> Iterator[tuple[Practitioner, datetime]]:
        for ahead in range(*AHEAD_DAYS):
            day = self.today + timedelta(days=ahead)
            for person in PRACTITIONERS:
                if day.weekday() in person.days and WEEK[day.weekday()] in person.clinic.hours:
                    yield from ((person, datetime.combine(day, at)) for at in TO_COME_TIMES)

    def _bad(self, number: int) -> list[str]:
        row = self._past(number)
        wrongs = (
            {1: "C-unknown"},
            {2: "Hoboken"},
            {3: "Leeches"},
            {5: "13/45/2024"},
            {5: "03/09/2025", 6: "02:30 AM"},
            {7: "soon"},
            {8: "???"},
            {0: ""},
        )
        wrong = wrongs[number % len(wrongs)]
        return [wrong.get(column, value) for column, value in enumerate(row)]


def _home(client: int) -> Clinic:
    """The largest clinic has every second client."""
    return CLINICS[0] if client % 2 else CLINICS[1 + client % 4 // 2]
