"""How Danish notes say when, and what makes a clause of theirs a plan (rule 5). Pure. See phrase_tables.Grammar."""

from __future__ import annotations

import re

from mobile_app.domain.phrase_tables import MONTHS, NUMBERS, PARTS, WEEKDAYS, Grammar, any_of, whole_words, with_slips

LONG_DAYS = with_slips({name: day for name, day in WEEKDAYS.items() if name.endswith("dag")}) | {
    "lordag": 5, "sondag": 6, "loerdag": 5, "soendag": 6,
}  # fmt: skip
TOMORROWS = ("morgen", "mogren", "mrogen", "moregn", "morgne", "morge", "mogen", "morgn", "moren")

_NUMBER = rf"(?:\d{{1,3}}|{any_of(NUMBERS)})"
_LONG_NAMES = rf"(?:{any_of(LONG_DAYS)})"
_LONG = rf"{_LONG_NAMES}\b"
# "man", "tor" and "søn" are also words: short for a day only after "på", "senest" ..., or before a clock or a date.
_SHORT_WORD = rf"(?:{any_of(w for w in WEEKDAYS if not w.endswith('dag'))})\b\.?"
_SHORT = (
    r"(?:(?:tirsd|onsd|torsd|lørd|sønd|tirs|tors|ons|fre|tir)\b\.?"
    r"|(?:(?<=på )|(?<=senest )|(?<=inden )|(?<=næste )|(?<=til )|(?<=og )|(?<=nu ))(?:man|tor|lør|søn"
    r"|fred)\b\.?(?!\s+(?:skal|kan|må|vil)\b)"
    rf"|{_SHORT_WORD}(?=,?\s+(?:kl\b|klokken\b|d\.|den\s+\d|\d{{1,2}}[/.]|halv\b|fm\b|em\b|formiddag|eftermiddag)))"
)
_WEEKDAY = rf"(?:{_LONG}|{_SHORT})"
_MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
_THE = r"(?:d\.?\s{0,3}|den\s+)"
_NO_AMOUNT = r"(?![\d/%]|\s*(?:tablet|pille|time|kop|mg\b|ml\b|kg\b|stk\b|kr\b))"
_DATE = (
    rf"(?:{_THE})?(?<![\d.,/])(?P<named_day>[0-3]?\d"
    rf"|første)\.?\s*(?P<named_month>{_MONTH})(?:\s+(?P<named_year>20\d\d))?"
    r"|(?P<iso_year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)(?!\d)"
    rf"|{_THE}?(?<![\d.,/])(?!24/7|1/2\b(?!-))(?P<slash_day>[0-3]?\d)/(?P<slash_month>1[0-2]|0?[1-9])"
    rf"(?:[-/ ](?P<slash_year>20\d\d|2\d(?![\d.:])))?{_NO_AMOUNT}"
    r"|(?<![\d.,/])(?P<late_day>2[4-9]|3[01])\.(?P<late_month>1[0-2]|0?[1-9])(?:\.(?!\d)|(?=\s+kl\b))"
    r"|(?<![\d.,/])(?P<end_day>[0-3]?\d)\.(?P<end_month>1[0-2]|0?[1-9])\.?(?=\s+kl\b)"
    r"|(?<![\d.,/-])(?P<dash_day>[0-3]?\d)-(?P<dash_month>1[0-2]|0?[1-9])-(?P<dash_year>20\d\d|\d\d)(?![\d-])"
    rf"|{_THE}(?P<dot_day>[0-3]?\d)[.-](?P<dot_month>1[0-2]|0?[1-9])(?:[.-](?P<dot_year>20\d\d|\d\d)|\.)?(?!\d)"
)
#: Behind a weekday "25.11" is a date; "10.15" is a clock then too, so only what cannot be one.
_BEHIND_DAY = (
    r"(?P<behind_day>2[4-9]|3[01])\.(?P<behind_month>1[0-2]|0?[1-9])(?:\.(?P<behind_year>20\d\d|\d\d)|\.)?(?![\d:])"
    r"|(?P<long_day>[0-3]?\d)\.(?P<long_month>1[0-2]|0?[1-9])\.(?P<long_year>20\d\d|\d\d)(?!\d)"
)
_DOCTOR = (
    r"(?:(?:sin|hendes|hans|deres|den)\s+)?"
    r"(?:læge(?:tiden|tid|besøget|besøg|aftalen|samtalen|konsultationen|n)"
    r"|(?:tiden|samtalen|besøget|aftalen|konsultationen)\s+(?:hos|ved)\s+(?:egen\s+)?lægen?|konsultationen)\b"
)
_MONTH_REF = rf"(?:næste\s+måned|denne\s+måned|måneden|{_MONTH})"

#: The words for a day, the longer reading first; the name is that of the resolver.
DAYS = {
    "doctor_before": rf"(?:(?:dagen|aftenen)\s+(?:før|inden)|inden|før|op\s+til)\s+{_DOCTOR}"
    rf"|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+dagen\s+(?:før|inden)\b",
    "doctor_next_day": rf"dagen\s+efter\s+{_DOCTOR}|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+dagen\s+efter\b",
    "doctor_after": rf"(?:lige\s+|straks\s+)?(?:efter|oven\s+på)\s+{_DOCTOR}"
    r"|(?:når|(?:lige\s+)?efter(?:\s+at)?)\s+\w+\s+har\s+været\s+(?:til|hos|ved)\s+(?:sin\s+|egen\s+)?læge[n]?\b",
    "in_hours": r"om\s+(?:ca\.?\s+|cirka\s+)?(?:(?P<half_hour>en\s+halv\s+times?)|(?P<quarter>et\s+kvarter)"
    rf"|(?P<hours>{_NUMBER})"
    r"\s+(?P<hour_unit>timers?|times?|minutters?|min)\b)(?:\s+tid\b)?",
    "weekday_in": rf"(?P<in_weekday>{_WEEKDAY})\s+om\s+(?P<in_weeks>{_NUMBER})\s+(?P<in_weeks_unit>uger?|dage)\b",
    "in_days": r"(?:senest\s+)?(?P<within>(?:inden|indenfor|i\s+løbet\s+af)(?:\s+(?:for"
    r"|om))?(?:\s+de(?:\s+næste)?)?|om)\s+(?:ca\.?\s+|cirka\s+|senest\s+|omkring\s+|ent?\s+(?=\d))?"
    rf"(?:(?P<half_year>et\s+halvt\s+års?)|(?P<days>{_NUMBER})\s+"
    r"(?P<day_unit>dages?|uges?|ugers|uger|måneders?|måneds?|års?))\b(?:\s+tid\b)?",
    "weekday_of_month": r"(?P<nth_of_month>første|sidste|1\.|anden|2\.|tredje"
    rf"|3\.)\s+(?P<nth_of_month_day>{_LONG})\s+i\s+(?P<nth_month>{_MONTH_REF})",
    "working_day_of": r"(?:(?P<last_working_day>sidste)|første|1\.)\s+(?:hverdag|arbejdsdag)\s+(?:i|efter)\s+"
    rf"(?:(?P<of_new_year>det\s+nye\s+år|nytår\b)|(?P<of_month>{_MONTH_REF}))",
    "new_year_part": r"(?:først\s+(?:i|på)\s+|(?:i|efter)\s+|i\s+starten\s+af\s+)?(?:det\s+nye\s+år|nyt\s+år"
    r"|på\s+den\s+anden\s+side\s+af\s+nytår)\b|på\s+den\s+anden\s+side\s+af\s+(?:jul\s+og\s+)?nytår\b",
    "between_years": r"(?:i\s+)?mellem\s*dagene\b|mellem\s+jul\s+og\s+nytår\b",
    "part_of_month": r"(?:(?P<month_first>først\s+(?:i|på)|i\s+starten\s+af|(?:i\s+)?begyndelsen\s+af|starten\s+af"
    r"|primo)"
    r"|(?P<month_middle>midt\s+(?:i|på)|(?:i\s+)?midten\s+af|medio)"
    r"|(?P<month_last>sidst\s+(?:i|på)|(?:(?:i|ved|inden)\s+)?(?:slutningen|udgangen|afslutningen)\s+af"
    r"|(?:inden\s+)?ultimo))"
    rf"\s+(?P<part_month>{_MONTH_REF})",
    "month_end": r"(?:ved|inden|til|i)\s+månedens\s+(?:udgang|slutning|afslutning)|inden\s+måneden\s+er\s+(?:omme"
    r"|gået|slut)",
    "in_month": rf"(?:i|til)\s+(?P<month>næste\s+måned\b|{_MONTH})",
    "weekday_of_week": rf"(?P<week_weekday>{_WEEKDAY})\s+(?:i\s+)?(?:uge\s+(?P<weekday_week>[0-5]?\d)\b"
    r"|(?P<weekday_next_week>(?:i\s+)?(?:næste\s+uge|ugen\s+efter|den\s+kommende\s+uge))|(?:i\s+)?denne\s+uge)",
    "next_week_weekday": r"(?:i\s+)?næste\s+uge,?\s+(?:på\s+|nok\s+"
    rf"|f\.?\s?eks\.?\s+)?(?P<next_week_weekday_name>{_WEEKDAY})",
    "part_of_week": r"(?:(?P<week_first>først\s+(?:i|på)|tidligt\s+(?:i|på)|(?:i\s+)?starten\s+af"
    r"|(?:i\s+)?begyndelsen\s+af)"
    r"|(?P<week_middle>midt\s+(?:i|på)|(?:i\s+)?midten\s+af)|(?P<week_later>senere\s+(?:i|på)|i\s+løbet\s+af)"
    r"|(?P<week_last>sidst\s+(?:i|på)|(?:(?:i|ved|inden)\s+)?(?:slutningen|udgangen)\s+af))"
    r"\s+(?:(?P<part_next_week>næste\s+uge|(?:den\s+)?kommende\s+uge)|(?:denne\s+)?ugen?)\b"
    r"|(?P<week_end>(?:ved|inden)\s+ugens\s+(?:udgang|slutning|afslutning)|inden\s+ugen\s+er\s+(?:omme|gået|slut)"
    r"|senere\s+denne\s+uge|inden\s+(?:for\s+)?denne\s+uge)",
    "week": r"(?:uge|u\.)\s*(?P<week_number>[0-5]?\d)\b(?:\s*(?:-|/|og|eller)\s*[0-5]?\d\b)?(?!\s*(?:timer|gange"
    r"|dage))"
    rf"(?:,?\s+(?:(?:på|gerne|helst|nok)\s+){{0,2}}(?P<week_then_weekday>{_WEEKDAY}))?",
    "week_after_next": r"(?:om\s+to\s+uger\s+mandag|ugen\s+efter\s+(?:den\s+)?næste|næste\s+uge\s+igen)\b",
    "next_week": r"(?:i\s+)?(?:næste\s+uge|den\s+kommende\s+uge|kommende\s+uge)\b|i\s+ugen\s+(?:der\s+kommer"
    r"|efter)\b",
    "date": rf"(?:(?P<date_weekday>{_WEEKDAY}),?\s+)?(?:{_DATE})"
    rf"|(?P<behind_weekday>{_WEEKDAY}),?\s+(?:{_BEHIND_DAY})",
    "day_of_month": rf"(?:{_WEEKDAY},?\s+)?(?:d\.\s*|den\s+)(?P<day_number>[0-3]?\d"
    r"|første(?=\s*(?:[.,]|$|kl\b|i\s)))\b\.?(?:\s+i\s+(?P<day_of_next_month>næste\s+måned))?(?!\s*(?:/|\d))",
    "holiday": r"(?P<holiday_name>lillejuleaften|juleaftensdag|juleaften|(?:første|1\.)\s+juledag|(?:anden"
    r"|2\.)\s+juledag|nytårsaftensdag|nytårsaften"
    r"|nytårsdag|skærtorsdag|langfredag|(?:anden|2\.)\s+påskedag|(?:anden|2\.)\s+pinsedag|kristi\s+himmelfarts?dag"
    r"|grundlovsdag)\b",
    "next_weekday": rf"næste\s+(?P<next_weekday_name>{_WEEKDAY})",
    "weekday": rf"(?:i\s+løbet\s+af|op\s+ad)\s+(?P<whole_weekday>{_LONG_NAMES})en\b|(?P<weekday_name>{_WEEKDAY})",
    "day_after_tomorrow": r"(?:i\s*)?overmorgen\b",
    "tomorrow": rf"i\s*(?:{any_of(TOMORROWS)})\b|imorg\b|dagen\s+efter\s+i\s*dag\b",
    "later_today": r"senere\s+(?:i\s*dag|på\s+dagen)\b|(?:i\s+)?løbet\s+af\s+dagen\b",
    "same_day": r"samme\s+dag\b",
    "today": r"i\s*dag\b",
    "over_weekend": r"(?:over|på\s+den\s+anden\s+side\s+af)\s+weekenden\b",
    "weekend": r"(?:(?P<next_weekend>næste\s+weekend)|(?:i|til)\s+weekenden|denne\s+weekend"
    r"|(?P<bare_weekend>weekenden))\b",
    "new_year": r"(?:jul(?:en)?\s+og\s+nytår|juleferien|nytår(?:et)?)\b",
    "christmas": r"(?:jul|julen|juledagene)\b",
    "easter": r"(?:påsken?|påskeferien)\b",
    "whitsun": r"pinsen?\b",
    "autumn_break": r"efterårsferien\b",
}

_CLOCK_WORDS = ("et", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv")
_HOUR = rf"(?:2[0-3]|[01]?\d|{any_of(_CLOCK_WORDS)})\b"
_KL = r"(?:ca\.?\s+|omkring\s+|ved\s+)?(?:kl\.?|klokken|klk\.?)\s*(?:ca\.?\s*)?"
_UNITS = r"(?:år|timer|time|gange|uger|uge|dage|dag|min|minutter|procent|pct|kr|kg|mg|stk|km)\b"
CLOCK = (
    rf"(?:{_KL})?(?P<over>kvart|fem|ti|tyve|5|10|20)\s+(?:min(?:utter|\.)?\s+)?(?P<over_or_to>over"
    rf"|i)\s+(?P<over_half>halv\s+)?(?P<over_hour>{_HOUR})(?!\s*{_UNITS})"
    rf"|(?:{_KL}|ved\s+|omkring\s+)?halv\s+(?P<half_hour_of>{_HOUR})(?!\s*(?:times?|dag)\b)(?:-?\s?tiden\b)?"
    rf"|{_KL}(?P<four_digits>(?:2[0-3]|[01]\d)[0-5]\d)(?![\d:/]|\.\d)"
    rf"|{_KL}(?P<hour>{_HOUR})(?:\s?[.:,](?P<minute>[0-5]\d))?(?![\d/]|[.:]\d)(?:-?\s?tiden\b)?"
    rf"|(?:ved|omkring)\s+(?P<about_hour>{_HOUR})(?:[.:](?P<about_minute>[0-5]\d))?-?\s?tiden\b"
    r"|mellem\s+(?:kl\.?\s*)?(?P<from_hour>2[0-3]"
    r"|[01]?\d)(?:[.:](?P<from_minute>[0-5]\d))?\s+og\s+(?:kl\.?\s*)?[012]?\d(?:[.:][0-5]\d)?\b"
    rf"(?!\s*{_UNITS})"
    r"|(?<![\d.:/,])(?P<colon_hour>2[0-3]|[01]?\d):(?P<colon_minute>[0-5]\d)(?![\d:/,])"
)
#: "torsdag 10.15" or "10.15 i morgen": a clock without "kl." counts only right beside a day.
BARE_CLOCK = (
    r"(?<![\d.:/,])(?P<bare_hour>2[0-3]|[01]?\d)[.:](?P<bare_minute>[0-5]\d)(?![\d:/,%]|\.\d|\s*(?:kr|kg|mg|km|time))"
)
BARE_HOUR = (
    r"(?:fra\s+)?(?<![\d.:/,])(?P<only_hour>1\d|[89])(?:\s*(?:-|til)\s*(?:2[0-3]|1\d|[89]))?(?![\d:/,%]"
    rf"|[.]\d|\.?\s*(?:{any_of(MONTHS)}|{_UNITS}|personer|tiden))\b"
)
#: The end of a span ("kl. 14-15") belongs to its start.
CLOCK_END = r"(?:\s*(?:-|–|til)\s*(?:kl\.?\s*)?[012]?\d(?:[.:][0-5]\d)?\b(?!\.?\s*/|\s*(?:dage|uger)))?"
PART = rf"(?P<today_part>i\s+)?(?P<part>{any_of(PARTS)})\b\.?"
EVERY = (
    r"hver(?:t|\s+den|\s+d\.)?\s*(?:(?P<nth>anden|andet|fjortende|tredje|fjerde"
    rf"|\d\d?)\.?\s+(?:(?P<nth_weekday>{_LONG})|(?P<nth_unit>uge|måned|dag)\b)"
    rf"|(?P<every_weekdays>{_LONG}(?:(?:,\s*|\s+og\s+){_LONG})*)"
    r"|(?P<every_part>morgen|formiddag|eftermiddag|aften)\b|(?P<every_unit>hverdag|arbejdsdag|dag|uge|måned"
    r"|kvartal)\b)"
    rf"|(?P<monthly_nth>første|sidste|1\.)\s+(?P<monthly_weekday>{_LONG})\s+i\s+(?:hver\s+måned|måneden)"
    r"|(?P<adverb>ugentligt?|månedligt?|dagligt?)\b"
)
FOR_WEEKS = (
    rf"(?:(?:i\s+)?de\s+(?:næste|kommende|følgende)|i)\s+(?P<for_count>{_NUMBER})\s+(?P<for_unit>uger|måneder|dage)\b"
    r"(?!\s+(?:siden|nu))|(?P<rest_of>resten\s+af\s+(?P<rest_unit>ugen|måneden|året)|(?P<out_unit>ugen|måneden"
    r"|året)\s+ud)\b"
)

TOKENS = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "every": EVERY, "for_long": FOR_WEEKS, "clock": rf"(?:{CLOCK}){CLOCK_END}", **DAYS,
            "bare_clock": BARE_CLOCK + CLOCK_END, "bare_hour_token": BARE_HOUR, "day_part": PART,
        }.items()
    )
    + ")"
)  # fmt: skip
_PREFIXES = re.compile(
    r"\b(?:(?P<before>dagen\s+(?:før|inden)|aftenen\s+(?:før|inden)|inden|før)|(?P<after>dagen\s+efter|efter)"
    r"|(?P<until>indtil|frem\s+til|til\s+og\s+med|t\.?o\.?m\.?)|(?P<to>til)|(?P<since>siden|i\s+sidste\s+uge)"
    r"|(?P<begins>fra\s+og\s+med|fra|startende|første\s+gang|med\s+start))\s+(?:på\s+|d\.?\s*|den\s+)?$"
)

# ---------------------------------------------------------------- what makes a clause a plan
#: Finite: present or imperative.
_FINITE = (
    r"(?<!\w\s)(?:møder (?!op|på|i|til|frem|ikke|altid|hver|kl|om|stabilt|ind|ham|hende)\w+|tager det|besøg"
    r"|kontakt|lav|mail|kører|ser efter|ser på (?:det|den|sagen))|ringer|rigner|rinegr|rinner"
    r"|ring|ringes|tales|taler|snakkes|snakker"
    r"|skrives|skriver|skriv|sms'er|smser|messer|sender|send|følger|følg"
    r"|samler op|saml op|tjekker|tjek|checker|check|prøver|prøv|ses|mødes|møder (?:hinanden|hende|ham|dem|hos)"
    r"|kontakter|kontaktes|tag fat|tager fat|tager kontakt|tag kontakt|tager en snak|tager en samtale"
    r"|tager den|forsøger|lægger besked|lægger en besked|indtaler|arrangerer|journaliserer"
    r"|indstiller|overdrager|overleverer|opretter|uploader|printer|scanner|godkender|underskriver|vejleder|sparrer"
    r"|faciliterer|tager det op|tager op|tager ud|minder|mind|mindes|husk|jeg husker|husker h\w+ på"
    r"|evaluerer|spørger|spørg|hører|hør|vender|melder|meld"
    r"|giver|booker|book|bestiller|bestil|besøger|henter|hent|følges|går med|tager med|tag med|inviterer|indkalder"
    r"|indkald|aftaler|drøfter"
    r"|genoptager|kigger|kig|(?:(?<=han )|(?<=hun ))kommer(?! (?:hjem|ud|fra|for sent|i|på (?!man|tirs|ons|tors"
    r"|fre)|til skade|tilbage|altid|ofte|ned|op))|kommer (?:\w+ ){0,2}?(?:forbi|igen|ind|herind|på kontoret|hos os"
    r"|hos mig|til samtale"
    r"|til møde)|dukker op (?:hos|til|på)|gør status|rykker|ryk|mailer|går en tur|går tur|gør klar"
    r"|undersøger|undersøg|afklarer|afklar|ansøger|udfylder|udfyld|indhenter|indhent|afholder|afhold|holder møde"
    r"|laver|planlægger|planlæg"
    r"|orienterer|orienter|informerer|svarer|forbereder|forbered|opdaterer|deltager|ledsager|ser h\w+ igen"
    r"|afleverer|aflever|tilmelder|koordinerer"
    r"|kalder ind|får svar|forventer svar|venter svar|afventer svar|sætter|zoomer|tekster|texter|beskeder"
    r"|huskes på|mindes om|sendes|bookes|bestilles|afholdes|aftales|laves|tjekkes|undersøges|afklares|drøftes"
    r"|evalueres|udfyldes|afleveres|gennemgås|rykkes|inviteres|indkaldes|besvarer|gennemgår|genbesøger"
)
_INFINITIVE = (
    r"ringe|få fat i|have fat i|forsøge|lægge besked|arrangere|overdrage|overlevere|finde ud af|følges|følge op"
    r"|hjælpe (?:hende|ham)|se (?:hende|ham|på)|nå at|få lavet|få sendt|få skrevet|skrive|sende|smse|sms'e|følge"
    r"|samle op|tjekke|tjekke op|checke|prøve|kontakte|tage fat|tage kontakt|tage en snak|minde|huske|evaluere"
    r"|spørge|høre|vende tilbage|vende"
    r"|melde|give lyd|give besked|booke|bestille|besøge|hente|tage med|tage ud|køre|gå med|invitere|indkalde"
    r"|aftale|drøfte|snakke|tale med|tale sammen|gøre status|rykke|få svar"
    r"|have svar|maile|gå en tur|gå tur|kigge forbi|kigge ind|komme forbi|komme ind|undersøge|afklare|ansøge"
    r"|udfylde|indhente|afholde|lave|planlægge|orientere"
    r"|informere|svare|forberede|opdatere|deltage|ledsage|mødes|ses|møde (?:op|hende|ham)|tilmelde|koordinere"
    r"|aflevere|være færdig"
)
#: So a note begins that leaves out "jeg": any present but what a citizen does, and these imperatives and infinitives.
_CITIZENS = (
    r"arbejder|sover|drømmer|bor|føler|virker|starter|begynder|slutter|stopper|flytter|rejser|fylder|spiser"
    r"|drikker|ryger|træner|løber|svømmer|spiller|passer|står|vågner|lever"
    r"|ligger|sidder|glæder|håber|ønsker|tænker|tror|mener|savner|mangler|skylder|betaler|tjener|modtager|holder"
    r"|fejrer|hviler|kæmper|lider|oplever|kommer|tager|bliver|overvejer|fungerer"
    r"|studerer|læser|cykler|kører|handler|ser|nyder|elsker|hader|klarer|magter|orker|gider|plejer|vejer|taber"
    r"|måler|efter|under|over|eller|heller|timer|uger|penge|piller|tabletter|måneder"
    r"|sommer|vinter|oktober|november|december|september|søster|moder|fader|\w*(?:lærer|læger|leder|giver|handler"
    r"|mester|arbejder|holder|borger|bruger|pædagog|time)|er|der|her|hver|især|aldrig|varer|udløber"
    r"|møder|mødes|går|venter|forventer|fortæller|siger|oplyser|angiver|beskriver|kan|bruger|øver|leder|søger"
    r"|skifter|lukker|åbner|kender|henvender|trapper|vokser|laver mad|laver ingen|beder|skriver under"
    r"|vinder|kalder|skaber|ejer|falder|synger|danser|maler|rydder|vasker|støvsuger|gamer|hænger|prøver at (?:sove"
    r"|spise|holde)|ender|finder|stiger|retter|dyrker|får|fester|bager|møder op"
)
_BEGINS = (
    rf"(?:(?!(?:{_CITIZENS})\b)\w{{3,20}}er(?!\s+(?!efter|over|under|eller|her|der)\w{{3,20}}er\b)|få|gør|indsend"
    r"|tilmeld|bekræft|søg|find|lad|se|saml|hjælp|vis|giv"
    r"|print|køb|sæt|flyt|stil"
    r"|bed|kør|skaf|ret|opdater|trappe|lægge|sætte|give|gøre|finde|hjælpe|gå igennem|nå|have fat)"
)
#: "Fik tid torsdag" tells of the past and still names a moment to come.
_GOT_A_TIME = (
    r"(?:ansøgnings)?(?:frist|deadline)e?n? (?:er|for|til)|(?:bedt|bad) (?:hende|ham) (?:om at )?\w+e\b"
    r"|(?:fik|fået|får|givet|bestilt|booket|aftalt|aftale:?)\s+(?:\w+\s+){0,3}?(?:tid|aftale|møde|samtale)"
)
_AGREED = (
    r"aftalt|aftalte|aftale|aftalen|enige|lovet|lovede|lover|sagde|siger|sagt|skrev|skriver|foreslog|foreslår"
    r"|planlagt|planlagde|bad|bedt|beder|vil|ville|skal|skulle|besluttede|besluttet"
    r"|ønsker|ønskede|spurgte|spørger|svarede|fik|tilbød|tilbudt|fortalte"
)
_PLAN_NOUNS = (
    r"(?:\w{0,25}(?:samtale|samtalen|møde|mødet|gåtur|hjemmebesøg|opkald|evaluering|opfølgning|konsultation"
    r"|lægetid|opringning))|opf|opflg"
    r"|(?:gerne have|ønsker|bedt om) (?:en |et )?(?:\w+ )?(?:opdatering|orientering|tilbagemelding|besked|opkald"
    r"|besøg)|(?:næste|ny) kontakt|(?:første|næste) gang|i kalenderen|sat tid af|afsat tid|reserveret|kontakt igen"
    r"|(?<!som )(?<!end )(?:aftalt|planlagt|booket)|(?<!\w\s)(?<!\w)(?:læge|psykolog|psyk|psykiater|tandlæge"
    r"|jobcenter|skole)(?=\s+(?:d\.|den|kl|\d|i morgen|(?:på\s+)?(?:man|tirs|ons|tors|fre)))|sparring|introduktion"
    r"|(?:bliver|blive) (?:kontaktet|hentet|indkaldt)|bliver ringet op|blive ringet op|kaffe(?= (?:på|i morgen|d\."
    r"|hos|man|tirs|ons|tors|fre))|status|svar|frist"
    r"|deadline|ny tid|tid hos|tid til|tid ved|fået tid|aftale|aftalen|lægeaftale|rundvisning|telefontid|gåtur"
    r"|kaffe med|kaffeaftale|sms|mail"
    r"|virksomhedsbesøg|skolebesøg|besøg (?:hos|på|hjemme)|på besøg på|introdag|opstart|praktikstart|til læge"
    r"|til lægen|til psykolog|psykologtid"
    r"|ny gang|nyt forsøg|næste gang|ændret til|flyttet til|udsat til|rykket til|udskudt til|ny dato|ny aftale"
    r"|tlf\.?|telefon"
)
_STATES = (
    r"er|har|holder|lukker|tror|synes|mener|ved|håber|kender|oplever|arbejder|bruger|bor|lever|føler|venter|sidder"
)
_FIRST_PERSON = (
    rf"(?<!\w\s)(?<!\w)\w{{2,20}}er\s+(?:\w+\s+){{0,2}}?(?:hende|ham|dem)\b|(?:skal|må"
    rf"|bør)\s+(?:\w+\s+){{0,3}}?(?!betales|tages)\w{{3,20}}es\b|(?:skal|må|bør)\s+(?:lige\s+|også\s+|nok\s+"
    rf"|snart\s+)?have\s+(?:\w+\s+){{0,3}}?\w+[et]t\b"
    rf"|(?<!\w\s)(?<!\w){_BEGINS}(?=\s)|(?:skal|bør|mangler)\b(?=.{{0,80}}\b(?:inden|senest)\b)|(?:jeg"
    r"|vi)\s+(?:skal|vil|må|kan|får|når|bliver|gør|går|ses|mødes|tales|snakkes|skrives|er\s+(?:hos|på|ude|med"
    rf"|der)\b|(?!(?:{_STATES})\b)\w{{1,20}}er)|(?:skal|vil|må|kan"
    rf"|(?!(?:{_STATES})\b)\w{{2,20}}er)\s+(?:jeg|vi)"
)
_ACTS = (
    r"ringer|skriver|sms'er|smser|kontakter|melder|vender|giver|sender|tager fat|tager kontakt|bestiller|booker"
    r"|spørger|kommer|møder hos|dukker op|mailer|hører|tjekker|undersøger|snakker|taler"
    r"|afleverer|indsender|tilmelder|ansøger|svarer|udfylder|finder|får"
)
_ACT = (
    r"ringe|skrive|smse|sms'e|vende|melde|kontakte|bestille|booke|sende|give|maile|spørge|høre|tjekke|undersøge"
    r"|snakke|tale|aflevere|indsende|tilmelde|ansøge"
    r"|svare|udfylde|komme|tage fat|tage kontakt|finde|få|have"
)
_THIRD = r"(?:han|hun|hen|de|borger|borgeren|vedkommende|den unge)"
_FAMILY = (
    r"mor|far|søster|bror|brødre|søstre|kæreste|veninde|veninder|ven|venner|kammerat|kammerater|bedstemor|mormor"
    r"|farmor|morfar|farfar|forældre|familie|børn"
    r"|barn|datter|søn|sønner|eks|bedsteforældre|fætter|kusine|onkel|tante|hund|niece|nevø|svigermor|mand|kone"
    r"|storesøster|lillesøster|storebror|lillebror|papfar"
)
_MEDICINE = (
    r"(?:medicin\w*|pille\w*|tablet\w*|panodil\w*|sertralin|ritalin|dosis|doser|depot\w*|antidepressiv\w*"
    r"|sovemedicin|p-piller|vitamin\w*)"
)
_BLOCKED = (
    r"ikke|i stedet for|aldrig|ingen|intet|hverken|uden at|uden held|nej tak|nej til|aflyst|aflyste|aflyser"
    r"|aflyses|aflysning|afbud|meldt fra|melder fra|meldte fra"
    r"|udgår|udgik|bortfalder|droppet|droppede|droppes|dropper|sløjfes|frabeder|frabad|afviste|afviser|afslog"
    r"|glemte|glemt|prøvede|forsøgte|nåede|undlod|havde|uden for nummer"
    r"|skulle have|burde|burde have|har prøvet|har forsøgt|plejer|plejede|altid|normalt|som regel|som oftest"
    r"|typisk|oftest|sædvanligvis|generelt|for det meste|hver gang"
    r"|i\s*går|igår|i\s*forgårs|i aftes|i morges|imorges|i nat|forrige|sidste (?:uge|måned|år|gang)"
    r"|tidligere (?:i dag|på dagen)|sidste (?:man|tirs|ons|tors|fre|lør|søn)dag(?! i )"
    r"|(?:i )?(?:man|tirs|ons|tors|fre|lør|søn)dags|om (?:man|tirs|ons|tors|fre|lør|søn)dagen|(?:man|tirs|ons|tors"
    r"|fre|lør|søn)dage|(?:dage?|uger?|måneder|måned|timer?|år) siden|drømmer|drømme|drømt|drømte|drøm|drømmen"
    r"|på hverdage|i hverdagene|afbestilt|tit|ofte|sommetider|nogle gange|jævnligt|af og til|sidst (?=kl)|orker"
    r"|magter|gider|nægter|slap for|slippe for|træffes|varer|varede|åbent"
    r"|åbningstid\w*|telefontid(?:en)? (?:er|har)"
    r"|kl\.?\s*(?:2[4-9]|[3-9]\d)(?!\d)"
    rf"|(?:tager|tage|tog|får|få|spiser|dosis)\s+(?:\w+\s+){{0,3}}?{_MEDICINE}|{_MEDICINE}\s+(?:(?:skal\s+)?tages"
    r"|kl|morgen|\d)|\d+\s*(?:mg|ml|tabletter|piller)"
)
_PAST = (
    r"var|blev|kom|gik|tog|fik|sagde|fortalte|talte|snakkede|ringede|skrev|mødtes|mødte|sås|(?:jeg|vi|han|hun) så"
    r"|spurgte|svarede|deltog|sendte|hentede|kørte|hørte|besøgte"
    r"|holdt|gav|lød|ville|kunne|startede|sluttede|sov|vågnede|stod|drak|spiste|læste|lavede|fandt|lå|sad|måtte"
    r"|skulle|er (?:blevet|kommet|gået)|lovede|bad|foreslog|snakket"
    r"|har (?:\w+ ){0,2}?(?:været|haft|fået|holdt|talt|mødt|ringet|skrevet|deltaget|svaret|sovet|snakket|sendt"
    r"|hørt|spurgt|kontaktet|besøgt|fulgt|lavet)"
    r"|(?!allerede|stede|tilstede|lede|vrede|rede|hede|brede)\w{3,20}ede(?:s|de)?"
)
#: The first words of a clause that are nobody's name.
_NO_NAME = (
    r"jeg|vi|men|og|nu|så|ellers|derfor|herefter|derefter|senere|igen|skal|vil|kan|må|samt|også|husk|aftalt|enige"
    r"|at|der|som|morgen|dag|aften|eftermiddag"
    r"|formiddag|overmorgen|uge|efter|inden|før|måske|evt|eventuelt|nok|selv|ikke|har|man"
    r"|" + _LONG_NAMES
)
_CONSULTANT = (
    r"jeg|vi|vil gerne|vil helst|ønsker|ønskede|ringes|kontaktes|ses|mødes|tales|skrives|snakkes|følges"
    r"|ringet op|inviteres|indkaldes|mindes"
)

DANISH = Grammar(
    tokens=TOKENS,
    prefixes=_PREFIXES,
    nothing_between=re.compile(r"[\s,]*(?:(?:på|nu|fra|d\.?|den|igen|om)\s*)?"),
    and_between=re.compile(r"\s*(?:,|og|eller|\+|&|/|samt|både|evt\.?|el\.)\s*(?:og\s+"
        r"|eller\s+)?(?:igen\s+)?(?:på\s+)?"),
    moved_to=re.compile(r"\b(?:flytte[trs]?|rykke[trs]?|udsat|udsættes|udskudt|udskydes|ændret"
        r"|ændres)\b.{0,120}?\b(?=til\b)"),
    clause_end=re.compile(
        r"(?<!uge \d)(?<!uge \d\d),(?!\s*(?:kl\b|klokken\b|d\.|den\s\d|halv\b|kvart\b|\d|formiddag|eftermiddag"
        r"|fm\b|em\b))\s*|:\s|\s[-–]{1,2}\s|\s?->\s?|[()]|\bmen\b|\bfordi\b|\bsåfremt\b|\btil gengæld\b|\s/\s"
        r"|(?=\b(?:hvis|når|medmindre|i stedet for)\b)|(?:(?<=ikke hjemme)|(?<=ingen svar)|(?<=intet svar)"
        r"|(?<=uden held))\s(?!(?:inden|på|fra|før|senest|endnu|i|efter|om|til)\b)"
        rf"|\b(?:og|så)\b(?=\s+(?:vi|jeg|han|hun|aftalte|har|skal|vil|blev|de|{_FINITE})\b)"
    ),
    plan_verbs=whole_words(_FINITE, _INFINITIVE, _GOT_A_TIME),
    infinitives=whole_words(_INFINITIVE),
    agreed=whole_words(_AGREED),
    plan_nouns=whole_words(_PLAN_NOUNS),
    first_person=whole_words(_FIRST_PERSON),
    consultant=whole_words(_CONSULTANT),
    third_person=whole_words(_THIRD),
    by_citizen=whole_words(
        rf"(?:{_ACTS})|{_GOT_A_TIME}|(?:lovet|lover|lovede)(?: mig)? at \w+|(?:vil(?! gerne)|skal|ville|skulle"
        rf"|at)\s+(?:\w+\s+){{0,2}}?(?:{_ACT})|selv\s+(?:{_ACTS}|{_ACT})"
    ),
    promised=whole_words(rf"(?:(?:hendes|hans|deres|den|det)\s+)?(?!(?:{_NO_NAME}"
        rf"|{_FINITE})\b)\w{{2,20}} (?:har lovet|lovede|lover|vil selv|vender tilbage|(?:ringer|skriver|sender"
        r"|melder|kontakter|svarer|spørger|bestiller|booker|undersøger|tjekker|afleverer|hører|giver besked"
        r"|giver lyd)\b(?! op))"),
    private=whole_words(
        rf"(?P<own>(?:sin|sit|sine)\s+(?:\w+\s+)?(?:{_FAMILY}))|(?P<with_own>(?:ses|mødes|følges|snakker|taler"
        r"|skriver)\s+(?:\w+\s+)?med\s+(?:sin|sit|sine)\s+\w+)|(?:ses|mødes|følges|snakker|taler"
        rf"|skriver)\s+(?:\w+\s+)?med\s+(?:en|nogle)\s+(?:{_FAMILY})"
        rf"|(?P<family>(?:{_FAMILY})(?:e?n|s)?\s+(?:kommer|henter|kører|besøger|følger|tager|skal))"
    ),
    blocked=whole_words(_BLOCKED),
    excused=re.compile(r"\b(?:glem ikke|ikke glemme|ikke mindst|om ikke andet|om ikke (?=\w+ (?:dag|uge|måned))"
        r"|hvorfor ikke)"),
    past=whole_words(_PAST),
    restart=re.compile(rf"(?<=\s)(?:(?:(?:hun|han|jeg|vi)\s+)?(?=\w+er\b)(?:{_FINITE})|vi\s+(?:ses|mødes|tales"
        r"|snakkes|skrives))(?!\w)"),
    condition=re.compile(r"\s*(?:(?:men|og)\s+)?(?:hvis|såfremt|medmindre|i tilfælde af|når|så snart|efter at)\b"),
    inverted=whole_words(r"(?:\w{2,20}er|skal|vil|må|kan|prøver)\s+(?:jeg|vi)"),
    finite=whole_words(
        r"(?!(?:under|efter|over|eller|timer|uger|september|oktober|november|december)\b)\w+er|går|skal|vil|kan|må"
        r"|har|er|får|står|gør|bør|ses|bor|ved"
    ),
    leisure=whole_words(
        r"\w*(?:fest|fødselsdag|koncert|bryllup|dåb|konfirmation|begravelse|fodbold|håndbold|træning|kamp|fitness"
        r"|frisør|biograf|ferie|undervisning|eksamen|køreprøve|prøve|vagt|arbejde"
        r"|løn|husleje|medicin|pakke|bus|tog|fly|færge|frokost|morgenmad|aftensmad|middag|søvn|seng|tv|film|bad"
        r"|tandpine|skolefest|svømning|gudstjeneste|kirke|klub|spil|strøm|vand|lukket|åbent|fri)\w{0,3}"
    ),
    perhaps=whole_words(r"måske|eventuelt|evt|hvis|medmindre|overvejer|regner med|formentlig|forhåbentlig|nok"
        r"|håber|muligvis|vistnok"),
)  # fmt: skip
