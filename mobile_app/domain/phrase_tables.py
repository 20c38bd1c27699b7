"""The words of follow-up phrases (rule 5): Danish numbers, days, clocks, and what makes a sentence a plan. Pure.

Every pattern is matched against lower-cased text. `phrase_moments.py` says which day or clock each one means,
`phrases.py` which clause is a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace("\\ ", r"\s+")


def whole_words(alternatives: str) -> re.Pattern[str]:
    """Any of these as whole words."""
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


NUMBERS = {
    "en": 1, "et": 1, "én": 1, "ét": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "syv": 7, "otte": 8,
    "ni": 9, "ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15, "tyve": 20,
    "tredive": 30, "et par": 2, "nogle": 3, "tredje": 3, "fjerde": 4, "fjortende": 14, "kvart": 15,
}  # fmt: skip
WEEKDAYS = {
    "mandag": 0, "tirsdag": 1, "onsdag": 2, "torsdag": 3, "fredag": 4, "lørdag": 5, "søndag": 6,
    "man": 0, "tirs": 1, "tir": 1, "ons": 2, "tors": 3, "tor": 3, "fre": 4, "lør": 5, "søn": 6,
}  # fmt: skip
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: "jul" is Christmas, so July is written out.
MONTHS = {
    name: number
    for number, names in enumerate(
        ("januar jan", "februar feb", "marts mar", "april apr", "maj", "juni jun", "juli", "august aug",
         "september sept sep", "oktober okt", "november nov", "december dec"), start=1)
    for name in names.split()
}  # fmt: skip
#: What a part of the day means when no clock is named (phrases.md; "frokost", "middag", "aften" are our judgement).
PARTS = {
    "tidligt": "08:00", "tidlig": "08:00", "morgen": "08:00", "fra morgenstunden": "08:00", "først på dagen": "08:00",
    "formiddag": "10:00", "inden frokost": "11:00", "middag": "12:00", "middagstid": "12:00", "efter frokost": "13:00",
    "eftermiddag": "14:00", "sidst på dagen": "15:00", "aften": "19:00",
}  # fmt: skip
#: A clock named with one of these lies after noon.
AFTER_NOON = frozenset({"efter frokost", "eftermiddag", "sidst på dagen", "aften"})

_NUMBER = rf"(?:\d{{1,3}}|{_any(NUMBERS)})"
_LONG = rf"(?:{_any(w for w in WEEKDAYS if w.endswith('dag'))})\b"
# "man", "tor" and "søn" are also words: short for a day only after "på", "senest" ..., or before a clock or a date.
_SHORT_WORD = rf"(?:{_any(w for w in WEEKDAYS if not w.endswith('dag'))})\b\.?"
_SHORT = (
    rf"(?:(?:(?<=på )|(?<=senest )|(?<=inden )|(?<=næste )){_SHORT_WORD}"
    rf"|{_SHORT_WORD}(?=\s+(?:kl\b|klokken\b|d\.|den\s+\d)))"
)
_WEEKDAY = rf"(?:{_LONG}|{_SHORT})"
_MONTH = rf"(?:{_any(MONTHS)})\b"
_THE = r"(?:d\.?\s*|den\s+)"
_DATE = (
    rf"(?:{_THE})?(?P<named_day>[0-3]?\d)\.?\s+(?P<named_month>{_MONTH})\.?(?:\s+(?P<named_year>20\d\d))?"
    r"|(?:d\.?\s*|den\s+)?(?<![\d.,/])(?!24/7|1/2\b)(?P<slash_day>[0-3]?\d)/(?P<slash_month>1[0-2]|0?[1-9])"
    r"(?:[-/](?P<slash_year>20\d\d|\d\d)|\s+(?P<slash_long_year>20\d\d))?(?![\d/%]|\s*(?:tablet|pille|time|kop|mg\b|ml\b))"
    rf"|{_THE}(?P<dot_day>[0-3]?\d)\.(?P<dot_month>1[0-2]|0?[1-9])(?:\.(?P<dot_year>20\d\d|\d\d)|\.)?(?!\d)"
)
_DOCTOR = (
    r"(?:(?:sin|hendes|hans|deres)\s+)?"
    r"(?:læge(?:tiden|tid|besøget|besøg|aftalen|samtalen|n)|(?:tiden|samtalen|besøget|aftalen)\s+hos\s+lægen)\b"
)

#: The words for a day, the longer reading first; the name is that of the resolver.
DAYS = {
    "doctor_before": rf"(?:dagen\s+(?:før|inden)|inden|før|op\s+til)\s+{_DOCTOR}"
    rf"|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+dagen\s+(?:før|inden)\b",
    "doctor_next_day": rf"dagen\s+efter\s+{_DOCTOR}|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+dagen\s+efter\b",
    "doctor_after": rf"(?:lige\s+)?efter\s+{_DOCTOR}|når\s+\w+\s+har\s+været\s+(?:til|hos)\s+lægen?\b",
    "in_hours": rf"om\s+(?:ca\.?\s+)?(?:(?P<half_hour>en\s+halv\s+time)|(?P<quarter>et\s+kvarter)|(?P<hours>{_NUMBER})"
    r"\s+(?P<hour_unit>timer?|minutter|min)\b)",
    "weekday_in": rf"(?P<in_weekday>{_WEEKDAY})\s+om\s+(?P<in_weeks>{_NUMBER})\s+(?P<in_weeks_unit>uger?|dage)\b",
    "in_days": rf"(?P<within>inden\s+for|inden|om)\s+(?:ca\.?\s+|cirka\s+|senest\s+)?(?:(?P<half_year>et\s+halvt\s+år)"
    rf"|(?P<days>{_NUMBER})\s+(?:(?P<day_unit>dage|dag|uger|uge|måneder|måned|år)|(?P<unit_time>dages|uges|måneds|års)\s+tid))\b",
    "working_day_of": r"(?P<first_or_last>første|sidste|1\.)\s+(?:hverdag|arbejdsdag)\s+(?:i|efter)\s+"
    rf"(?P<of_month>næste\s+måned|denne\s+måned|måneden|det\s+nye\s+år|nytår\b|{_MONTH})",
    "part_of_month": r"(?P<month_part>først\s+i|i\s+starten\s+af|i\s+begyndelsen\s+af|midt\s+i|i\s+midten\s+af"
    rf"|sidst\s+i|i\s+slutningen\s+af|inden\s+udgangen\s+af)\s+(?P<part_month>næste\s+måned|denne\s+måned|måneden|{_MONTH})",
    "in_month": rf"i\s+(?P<month>næste\s+måned\b|{_MONTH})",
    "weekday_of_week": rf"(?P<week_weekday>{_WEEKDAY})\s+i\s+(?:uge\s+(?P<weekday_week>[0-5]?\d)|næste\s+uge)\b",
    "next_week_weekday": rf"(?:i\s+)?næste\s+uge\s+(?:på\s+)?(?P<next_week_weekday_name>{_WEEKDAY})",
    "part_of_week": r"(?P<week_part>først\s+(?:i|på)|i\s+starten\s+af|i\s+begyndelsen\s+af|midt\s+(?:i|på)"
    r"|i\s+midten\s+af|sidst\s+(?:i|på)|senere\s+(?:i|på)|i\s+slutningen\s+af|inden\s+udgangen\s+af)\s+(?:(?P<part_next_week>næste\s+uge)|(?:denne\s+)?ugen?)\b",
    "week": r"uge\s+(?P<week_number>[0-5]?\d)\b(?!\s*(?:timer|gange))"
    rf"(?:,?\s+(?:på\s+)?(?P<week_then_weekday>{_WEEKDAY}))?",
    "next_week": r"(?:i\s+)?næste\s+uge\b",
    "date": rf"(?:(?P<date_weekday>{_WEEKDAY}),?\s+)?(?:{_DATE})",
    "day_of_month": rf"(?:{_WEEKDAY}\s+)?(?:d\.\s*|den\s+)(?P<day_number>[0-3]?\d)\b\.?(?!\s*(?:/|\d))",
    "next_weekday": rf"næste\s+(?P<next_weekday_name>{_WEEKDAY})",
    "weekday": rf"(?P<weekday_name>{_WEEKDAY})",
    "day_after_tomorrow": r"i\s*overmorgen\b",
    "tomorrow": r"i\s*morgen\b",
    "later_today": r"senere\s+i\s*dag\b",
    "today": r"i\s*dag\b",
    "weekend": r"(?:(?P<next_weekend>næste\s+weekend)|i\s+weekenden|weekenden)\b",
    "christmas": r"(?:jul|julen|juleferien)\b",
    "new_year": r"nytår\b",
    "easter": r"påsken?\b",
    "whitsun": r"pinsen?\b",
    "autumn_break": r"efterårsferien\b",
}

_CLOCK_WORDS = ("et", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv")
_HOUR = rf"(?:2[0-3]|[01]?\d|{_any(_CLOCK_WORDS)})\b"
_KL = r"(?:ca\.?\s+)?(?:kl\.?|klokken)\s*(?:ca\.?\s*)?"
CLOCK = (
    rf"(?:{_KL})?(?P<over>kvart|fem|ti|tyve|5|10|20)\s+(?:min(?:utter|\.)?\s+)?(?P<over_or_to>over|i)\s+(?P<over_half>halv\s+)?(?P<over_hour>{_HOUR})"
    rf"|(?:{_KL})?halv\s+(?P<half_hour_of>{_HOUR})(?!\s*(?:times?|dag)\b)"
    rf"|{_KL}(?P<hour>{_HOUR})(?:[.:](?P<minute>[0-5]\d))?(?![\d/])"
    r"|(?:ved|omkring)\s+(?P<about_hour>2[0-3]|[01]?\d)-?\s?tiden\b"
    r"|mellem\s+(?:kl\.?\s*)?(?P<from_hour>2[0-3]|[01]?\d)(?:[.:](?P<from_minute>[0-5]\d))?\s+og\s+(?:kl\.?\s*)?[012]?\d(?:[.:][0-5]\d)?\b"
    r"(?!\s*(?:år|timer|gange|uger|dage|min|procent|pct))"
)
#: "torsdag 10.15": a clock without "kl." counts only right behind a day.
BARE_CLOCK = r"(?<![\d.:/,])(?P<bare_hour>2[0-3]|[01]?\d)[.:](?P<bare_minute>[0-5]\d)(?![\d:/,]|\.\d)"
#: The end of a span ("kl. 14-15") belongs to its start.
CLOCK_END = r"(?:\s*(?:-|–|til)\s*(?:kl\.?\s*)?[012]?\d(?:[.:][0-5]\d)?\b(?!\.?\s*/|\s*(?:dage|uger)))?"
PART = rf"(?P<today_part>i\s+)?(?P<part>{_any(PARTS)})\b"
EVERY = (
    rf"hvert?\s+(?:(?P<nth>anden|fjortende|tredje|fjerde|\d\d?)\.?\s+(?:(?P<nth_weekday>{_LONG})|(?P<nth_unit>uge|måned|dag)\b)"
    rf"|(?P<every_weekdays>{_LONG}(?:(?:,\s*|\s+og\s+){_LONG})*)|(?P<every_unit>hverdag|dag|uge|måned|kvartal)\b)"
)
FOR_WEEKS = rf"de\s+næste\s+(?P<for_weeks>{_NUMBER})\s+uger\b"

#: One token for each word of time, tried at each place; "every" comes first because it holds weekdays.
TOKENS = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "every": EVERY, "for_many_weeks": FOR_WEEKS, "clock": rf"(?:{CLOCK}){CLOCK_END}", **DAYS,
            "bare_clock": BARE_CLOCK + CLOCK_END, "day_part": PART,
        }.items()
    )
    + ")"
)  # fmt: skip
PREFIX = re.compile(
    r"\b(?:(?P<before>inden|før)|(?P<after>efter)|(?P<until>indtil|frem\s+til|til\s+og\s+med|til)|(?P<since>siden))\s+(?:på\s+)?$"
)
#: Between a clock and the day it belongs to ("kl. 10 på torsdag") nothing else may stand.
NOTHING_BETWEEN = re.compile(r"[\s,]*(?:(?:på|nu|fra|d\.?|den)\s*)?")
AND_BETWEEN = re.compile(r"\s*(?:,|og|eller)\s*(?:igen\s+)?(?:på\s+)?")

# ---------------------------------------------------------------- what makes a clause a plan
_PLANS = (
    "ring|ringe|ringer|ringes|tales|taler|snakkes|snakker|skriv|skrive|skriver|sms'er|sms'e|sende|sender|følger op"
    "|følge op|følges op|følg op|samler op|samle op|tjek|tjekke|tjekker|checker|prøv|prøve|prøver|ses|mødes"
    "|møder hinanden|kontakt|kontakte|kontakter|kontaktes|tag fat|tage fat|tager fat|tager kontakt|tage kontakt"
    "|mind|minde|minder|mindes|husk|huske|husker|evaluerer|evaluere|spørg|spørge|spørger|høre|hører"
    "|vende tilbage|vender tilbage"
    "|melde tilbage|melder tilbage|giver lyd|give lyd|book|booke|booker|bestil|bestille|bestiller|besøg|besøge|besøger"
    "|hent|hente|henter|følges|går med|tager med|tage med|inviterer|indkalder|aftaler|drøfter|genoptager|kigger forbi"
    "|kommer forbi|komme forbi|gør status|gøre status|rykker|rykke|opfølgning|få svar|får svar|have svar|mailer|maile"
    "|gå en tur|går en tur|gå tur|går tur"
)
#: "Fik tid torsdag" tells of the past and still names a moment to come.
_GOT_A_TIME = r"(?:fik|fået|får)\s+(?:\w+\s+){0,2}?(?:tid|aftale|møde|samtale)"
#: Present, imperative or infinitive: it holds beside a past verb ("vi aftalte at ses torsdag").
PLAN_VERB = whole_words(f"{_PLANS}|{_GOT_A_TIME}")
#: A thing with a date; told in the past ("var til møde torsdag") it is no plan.
PLAN_NOUN = whole_words(
    "samtale|samtalen|statussamtale|møde|mødet|statusmøde|netværksmøde|opstartsmøde|praktikmøde|gåtur|hjemmebesøg"
    "|opkald|afslutningsopkald|telefonmøde|videomøde|status|svar|frist|deadline|tid|aftale|aftalen|evaluering"
    "|rundvisning|telefontid|flyttet til|udsat til|rykket til|udskudt til"
)
#: Denied, called off, told of the past, or a habit: whatever else the clause says, it is no plan.
BLOCKED = whole_words(
    "ikke|i stedet for|aldrig|ingen|intet|hverken|uden at|nej tak|nej til|aflyst|aflyste|aflyser|aflyses|afbud"
    "|udgår|udgik|bortfalder|droppet|droppede|droppes|frabeder|frabad|afviste|afslog|glemte|prøvede|forsøgte|nåede|undlod|havde"
    "|skulle have|burde have|har prøvet|har forsøgt|plejer|altid|normalt|som regel|i\\s*går|i\\s*forgårs|i aftes"
    "|i morges|i nat|forrige|sidste (?:uge|måned|år)|sidste (?:man|tirs|ons|tors|fre|lør|søn)dag(?! i )"
    "|(?:man|tirs|ons|tors|fre|lør|søn)dags|(?:dage?|uger?|måneder|måned|timer?|år) siden"
)
NOT_FORGOTTEN = re.compile(r"glem ikke|ikke glemme")
PAST = whole_words(
    "var|blev|kom|gik|tog|fik|sagde|fortalte|talte|snakkede|ringede|skrev|mødtes|mødte|sås|spurgte|svarede|deltog"
    "|holdt|gav|lød|ville|kunne|startede|sluttede|er (?:blevet|kommet|gået)"
    "|har (?:\\w+ )?(?:været|haft|fået|holdt|talt|mødt|ringet|skrevet|deltaget|svaret)"
)
MOVED_TO = re.compile(r"\b(?:flytte[trs]?|udsat|udsættes|udskudt|udskydes|rykket|rykkes)\b.*?\b(?=til\b)")
PERHAPS = whole_words("måske|eventuelt|evt|hvis|medmindre|overvejer|regner med|formentlig|forhåbentlig|nok")
_ACTS = (
    "ringer|skriver|sms'er|kontakter|melder|vender|giver|sender|tager|bestiller|booker|spørger|kommer|ringe|skrive"
    "|vende|melde|kontakte|bestille|booke|sende"
)
BY_CITIZEN = whole_words(
    rf"(?:han|hun|hen|borgeren|vedkommende|den unge)(?:\s+\w+){{0,4}}?\s+(?:{_ACTS})"
    rf"|(?:{_ACTS})\s+(?:han|hun|hen|borgeren|(?:\w+\s+)?selv)|selv\s+(?:{_ACTS})"
)
BY_CONSULTANT = whole_words("jeg|vi|ringes|kontaktes|ses|mødes")

# ---------------------------------------------------------------- where sentences and clauses end
_SHORTENED = (
    "man", "ons", "fre", "lør", "søn", "tor", "tir", "irs", "ors", "jan", "feb", "mar", "apr", "jun", "aug", "sep",
    "ept", "okt", "nov", "dec", "tlf", "evt", "min", "pga", "mht", "osv",
)  # fmt: skip
_MONTH_WORD = "(?:" + "|".join(f"[{m[0].upper()}{m[0]}]{m[1:]}" for m in MONTHS) + r")\b"
#: "kl. 10. han var glad": after a clock a full stop is one, whatever letter follows.
_BEHIND_CLOCK = "|".join(
    rf"(?<={kl} {digits})" for kl in ("kl", r"kl\.") for digits in (r"\d", r"\d\d", r"\d[.:]\d\d", r"\d\d[.:]\d\d")
)
SENTENCE_END = re.compile(
    rf"[.!?…]{{1,5}}(?=\s{{1,5}}(?!{_MONTH_WORD})[A-ZÆØÅ])|(?:{_BEHIND_CLOCK})\.(?=\s)"
    rf"|(?<=[a-zæøå]{{3}}){''.join(f'(?<!{word})' for word in _SHORTENED)}\.(?=\s)|[!?…](?=\s)|\n|;"
)
CLAUSE_END = re.compile(
    r",\s(?!kl\b|klokken\b|d\.|den\s\d)|:\s|\s[-–]\s|[()]|\bmen\b|\bfordi\b|\bsåfremt\b"
    r"|(?=\b(?:hvis|når|medmindre|i stedet for)\b)"
    rf"|\b(?:og|så)\b(?=\s+(?:vi|jeg|han|hun|aftalte|har|skal|blev|{_PLANS})\b)"
)
