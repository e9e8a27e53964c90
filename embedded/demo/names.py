"""Invented people: names that belong to nobody in particular, addresses and numbers that reach nobody."""

from random import Random

GIVEN = """
Aaliyah Abena Adriana Aisha Akira Alejandra Amara Amelia Amir Ana Andre Anika Anouk Ariana Asha Aurora Beatriz
Bianca Brielle Camila Carlos Carmen Celeste Chidi Chloe Daisy Dalia Daniela Darius Delia Diego Dina Eleni Elena
Elias Elif Eliza Emeka Esme Farah Fatima Felix Fiona Freya Gabriela Gia Grace Hana Hannah Harper Hassan Helena Ida
Imani Ines Ingrid Irina Isla Ivy Jada Jamal Jasmine Jia Joana Jonah Josefina Julia Kaia Kamala Keiko Kenji Kiara
Lara Laila Leilani Leo Lina Linh Liv Lucia Luna Maeve Mai Malik Mara Maren Margot Maria Marisol Mateo Maya Mei Mila
Mina Mira Nadia Naomi Nasrin Natalia Neha Nia Nina Noor Nora Olga Olivia Omar Paloma Paula Petra Pilar Priya Quinn
Rania Ravi Renata Rosa Ruth Sadia Salma Samira Sana Santiago Sara Selma Serena Shira Simone Sofia Sonia Stella Sumi
Talia Tamar Tara Teresa Thandi Tiana Uma Valentina Vera Violet Wei Willa Ximena Yara Yasmin Yuki Zara Zoe Zuri
""".split()  # noqa: SIM905 - names read better than strings
FAMILY = """
Abara Abbott Acosta Adeyemi Aguilar Ahmed Alvarez Amato Andersen Aoki Arslan Ashby Baker Banerjee Barros Becker
Bello Bennett Berg Bhatt Blake Boateng Brandt Brooks Cabrera Calloway Campos Castillo Chandra Chau Cho Cohen Conti
Cooper Cortez Costa Cruz Dalton Darzi Das Delgado Demir Diallo Doyle Duarte Eze Farouk Fernandes Fischer Fleming
Flores Fontaine Foster Fujita Gallo Garza Ghosh Goldberg Gomez Greco Gupta Haddad Hale Hansen Hashimi Hayashi
Herrera Hoang Holm Huang Hughes Ibarra Ito Iyer Jansen Jensen Joshi Kamau Kang Kaplan Kato Kaur Keller Khalil Khan
Kim Klein Kovacs Kumar Larsen Lau Lindgren Lopez Lowell Mahmoud Malik Marino Marsh Mbeki Medina Mehta Meyer Mishra
Molina Moreau Moreno Mori Mwangi Nakamura Navarro Nazari Nguyen Nielsen Novak Nunez Obi Okafor Okoye Olsen Orr
Ortega Osei Park Patel Pereira Petrov Pham Pinto Popescu Quintana Rahman Ramos Reyes Rinaldi Rivera Rojas Romero
Rossi Saito Salazar Santos Sato Schmidt Shah Sharma Silva Singh Soto Stein Suzuki Takeda Tanaka Thapa Torres Tran
Tsai Vance Vargas Vega Voss Walsh Wang Weber Whitaker Wolfe Wong Yamada Yilmaz Zamora Zhang Ziegler
""".split()  # noqa: SIM905 - names read better than strings


class Names:
    """Hands out people one after the other, each full name once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._used: set[tuple[str, str]] = set()

    def next(self) -> tuple[str, str]:
        """Given and family name."""
        while True:
            name = (self._random.choice(GIVEN), self._random.choice(FAMILY))
            if name not in self._used:
                self._used.add(name)
                return name


def email_of(given: str, family: str) -> str:
    """An address under a domain that is reserved for examples (RFC 2606)."""
    return f"{given}.{family}@example.com".lower()


def phone_of(area_code: str, number: int) -> str:
    """One of the hundred numbers of an area code that are kept for stories."""
    return f"+1{area_code}55501{number % 100:02}"
