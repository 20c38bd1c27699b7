"""How English notes say when, and what makes a clause of theirs a plan (rule 5). Pure. See phrase_tables.Grammar.

Dates are written day first ("3/12"), as in every other paper of a Danish office.
"""

from __future__ import annotations

import re

from mobile_app.domain.phrase_tables import (
    MONTHS_EN,
    NUMBERS_EN,
    PARTS_EN,
    WEEKDAYS_EN,
    Grammar,
    any_of,
    whole_words,
    with_slips,
)

LONG_DAYS = with_slips({name: day for name, day in WEEKDAYS_EN.items() if name.endswith("day")}) | {
    "wensday": 2, "wendesday": 2, "wednsday": 2,
}  # fmt: skip
TOMORROWS = ("tomorrow", "tomorow", "tommorow", "tommorrow", "tomorrrow", "tomorrw", "tmrw", "tmr", "tmw", "tomoz")

_NUMBER = rf"(?:\d{{1,3}}|{any_of(w for w in NUMBERS_EN if w not in ('first', 'second', 'other'))})"
_LONG = rf"(?:{any_of(LONG_DAYS)})\b"
_SHORT_WORD = rf"(?:{any_of(w for w in WEEKDAYS_EN if not w.endswith('day'))})\b\.?"
# "sat", "sun" and "wed" are also words.
_SHORT = (
    r"(?:(?:tues|tue|weds|thurs|thur|thu|fri)\b\.?"
    rf"|(?:(?<=on )|(?<=by )|(?<=next )|(?<=this )|(?<=before )|(?<=until )|(?<=and ))(?:mon|wed|sat|sun)\b\.?"
    rf"|{_SHORT_WORD}(?=,?\s+(?:at\b|the\s+\d|\d|morning\b|afternoon\b|evening\b|am\b|pm\b|{any_of(MONTHS_EN)})))"
)
_WEEKDAY = rf"(?:{_LONG}|{_SHORT})"
_MONTH = rf"(?:{any_of(MONTHS_EN)})\b\.?"
_ORDINAL = r"(?:st|nd|rd|th)"
_DATE = (
    rf"(?:the\s+)?(?<![\d.,/:])(?P<named_day>[0-3]?\d){_ORDINAL}?\s+(?:of\s+)?(?P<named_month>{_MONTH})(?:,?\s+(?P<named_year>20\d\d))?"
    rf"|(?P<before_month>{_MONTH})\s+(?:the\s+)?(?P<before_day>[0-3]?\d){_ORDINAL}?(?![\d:./]\d|\d|\s*(?:am"
    r"|pm)\b)(?:,?\s+(?P<before_year>20\d\d))?"
    r"|(?P<iso_year>20\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)(?!\d)"
    r"|(?<![\d.,/])(?!24/7|1/2\b)(?P<slash_day>[0-3]?\d)/(?P<slash_month>1[0-2]"
    r"|0?[1-9])(?:[-/](?P<slash_year>20\d\d|\d\d))?"
    r"(?![\d/%]|\s*(?:tablet|pill|hour|cup|mg\b|ml\b|kg\b))"
    r"|(?<![\d.,/])(?P<long_day>[0-3]?\d)\.(?P<long_month>1[0-2]|0?[1-9])\.(?P<long_year>20\d\d|\d\d)(?!\d)"
)
_DOCTOR = (
    r"(?:(?:his|her|their|the|a)\s+)?(?:doctor'?s?|doc'?s?|gp'?s?)\b(?:\s+(?:appointment|appt|visit|consultation"
    r"|time))?"
    r"|(?:(?:his|her|their|the)\s+)?(?:appointment|appt|visit|consultation)\s+(?:with|at|to)\s+(?:(?:his|her|their"
    r"|the)\s+)?(?:doctor|gp)(?:'s)?"
)
_DOCTOR = rf"(?:{_DOCTOR})"
_MONTH_REF = rf"(?:next\s+month|this\s+month|the\s+month|{_MONTH})"

#: The words for a day, the longer reading first; the name is that of the resolver.
DAYS = {
    "doctor_before": rf"(?:the\s+)?(?:day|afternoon|evening)\s+before\s+{_DOCTOR}|(?:before|ahead\s+of)\s+{_DOCTOR}"
    rf"|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+the\s+day\s+before\b",
    "doctor_next_day": rf"(?:the\s+)?day\s+after\s+{_DOCTOR}|{_DOCTOR}(?:\s+\w+){{0,2}}?\s+the\s+day\s+after\b",
    "doctor_after": rf"(?:right\s+|straight\s+|just\s+)?(?:after|following)\s+{_DOCTOR}"
    r"|(?:when|once|after)\s+\w+(?:\s+has|\s+have|'s)\s+(?:been\s+to|seen)\s+(?:(?:his|her|their"
    r"|the)\s+)?(?:doctor|gp)\b",
    "in_hours": r"in\s+(?:about\s+|around\s+)?(?:(?P<half_hour>half\s+an\s+hour)"
    rf"|(?P<quarter>a\s+quarter\s+of\s+an\s+hour)|(?P<hours>{_NUMBER})"
    r"\s+(?P<hour_unit>hours?|minutes?|mins?)\b)(?:'?\s+time)?",
    "weekday_in": rf"(?P<in_weekday>{_WEEKDAY})\s+in\s+(?P<in_weeks>{_NUMBER})\s+(?P<in_weeks_unit>weeks?|days)\b"
    rf"|(?P<week_on>a\s+week\s+on\s+(?P<week_on_weekday>{_WEEKDAY})|(?P<weekday_week_on>{_WEEKDAY})\s+week\b)",
    "in_days": r"(?:(?P<within>within|inside|in\s+the\s+course\s+of)(?:\s+the\s+next)?|in|after)\s+(?:about\s+"
    r"|around\s+|roughly\s+)?"
    r"(?:(?P<half_year>half\s+a\s+year|six\s+months)|(?P<fortnight>a\s+fortnight|two\s+fortnights?)"
    rf"|(?P<days>{_NUMBER})\s+(?P<day_unit>days?|weeks?|months?|years?))(?:'|'s|s')?(?:\s+time)?\b"
    rf"|(?:(?P<from_fortnight>a\s+fortnight)|(?P<from_days>{_NUMBER})\s+(?P<from_unit>days?|weeks?"
    r"|months?))\s+from\s+(?:now|today)\b",
    "weekday_of_month": r"(?:the\s+)?(?P<nth_of_month>first|last|second|third|1st|2nd"
    rf"|3rd)\s+(?P<nth_of_month_day>{_LONG})\s+(?:of|in)\s+(?P<nth_month>{_MONTH_REF})",
    "working_day_of": r"(?:the\s+)?(?:(?P<last_working_day>last)|first|1st)\s+(?:working|work|business"
    r"|week)\s*day\s+(?:of|in|after)\s+"
    rf"(?:(?P<of_new_year>the\s+new\s+year|new\s+year)\b|(?P<of_month>{_MONTH_REF}))",
    "new_year_part": r"(?:(?:early\s+)?in|at\s+the\s+(?:start|beginning)\s+of|after)\s+the\s+new\s+year\b",
    "between_years": r"between\s+christmas\s+and\s+new\s+year(?:'?s)?\b",
    "part_of_month": r"(?:(?P<month_first>early\s+(?:in\s+)?|(?:at\s+|from\s+)?the\s+(?:start|beginning)\s+of\s+)"
    r"|(?P<month_middle>mid[- ]|(?:in\s+)?the\s+middle\s+of\s+)"
    r"|(?P<month_last>late\s+(?:in\s+)?|(?:(?:at|by|before|towards)\s+)?(?:the\s+)?end\s+of\s+))"
    rf"(?P<part_month>{_MONTH_REF})",
    "month_end": r"(?:at|by|before)\s+month[- ]end\b|before\s+the\s+month\s+is\s+(?:out|over)\b",
    "in_month": rf"in\s+(?P<month>{_MONTH})|(?P<next_month_alone>next\s+month)\b",
    "weekday_of_week": rf"(?P<week_weekday>{_WEEKDAY})\s+(?:(?:of|in)\s+)?(?:week\s+(?P<weekday_week>[0-5]?\d)\b"
    r"|(?P<weekday_next_week>next\s+week)|this\s+week)",
    "next_week_weekday": rf"next\s+week,?\s+(?:on\s+|maybe\s+)?(?P<next_week_weekday_name>{_WEEKDAY})",
    "part_of_week": r"(?:(?P<week_first>early|(?:at\s+)?the\s+(?:start|beginning)\s+of)|(?P<week_middle>mid"
    r"|in\s+the\s+middle\s+of|midway\s+through)|(?P<week_later>later)"
    r"|(?P<week_last>late|(?:(?:at|by|before|towards)\s+)?(?:the\s+)?end\s+of))"
    r"(?:\s+in)?\s+(?:(?P<part_next_week>next\s+week)|this\s+week|the\s+week)\b|midweek\b"
    r"|(?P<week_end>sometime\s+this\s+week|before\s+the\s+week\s+is\s+(?:out|over))",
    "week": r"(?:in\s+)?week\s+(?P<week_number>[0-5]?\d)\b(?:\s*(?:-|/|or|and)\s*[0-5]?\d\b)?(?!\s*(?:hours|times"
    r"|days))"
    rf"(?:,?\s+(?:on\s+)?(?P<week_then_weekday>{_WEEKDAY}))?",
    "week_after_next": r"(?:the\s+)?week\s+after\s+next\b",
    "next_week": r"(?:sometime\s+|during\s+)?(?:next\s+week|the\s+coming\s+week|the\s+following\s+week)\b",
    "date": rf"(?:(?P<date_weekday>{_WEEKDAY}),?\s+(?:the\s+)?)?(?:{_DATE})",
    "day_of_month": rf"(?:{_WEEKDAY},?\s+)?the\s+(?P<day_number>[0-3]?\d){_ORDINAL}\b"
    r"(?:\s+of\s+(?P<day_of_next_month>next\s+month))?(?!\s+(?:time|year|week|day|month|meeting|one))",
    "holiday": r"(?P<holiday_name>christmas\s+eve|boxing\s+day|new\s+year'?s\s+eve|good\s+friday|easter\s+monday"
    r"|whit\s+monday)\b",
    "next_weekday": rf"next\s+(?P<next_weekday_name>{_WEEKDAY})",
    "weekday": rf"(?P<weekday_name>{_WEEKDAY})",
    "day_after_tomorrow": r"(?:the\s+)?day\s+after\s+tomorrow\b",
    "tomorrow": rf"(?:{any_of(TOMORROWS)})\b",
    "later_today": r"later\s+(?:on\s+)?(?:today|in\s+the\s+day)\b|later\s+on\b(?!\s+(?:in|this|next))",
    "same_day": r"(?:the\s+)?same\s+day\b",
    "today": r"today\b|(?=this\s+(?:morning|afternoon|evening)\b)this\b|(?=tonight\b)",
    "over_weekend": r"on\s+the\s+other\s+side\s+of\s+the\s+weekend\b",
    "weekend": r"(?:(?P<next_weekend>next\s+weekend)|(?:(?:over|at|on)\s+)?this\s+weekend|(?:over|at"
    r"|on)\s+the\s+weekend|(?P<bare_weekend>the\s+weekend))\b",
    "new_year": r"(?:christmas\s+and\s+new\s+year|(?:the\s+)?christmas\s+(?:holidays|break)"
    r"|(?:the\s+)?new\s+year(?:'?s)?(?:\s+day)?)\b",
    "christmas": r"(?:christmas|xmas)(?:\s+day)?\b",
    "easter": r"easter\b",
    "whitsun": r"(?:whitsun|pentecost)\b",
    "autumn_break": r"(?:the\s+)?autumn\s+(?:break|holidays?|half[- ]term)\b",
}

_CLOCK_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_HOUR = rf"(?:2[0-3]|[01]?\d|{any_of(_CLOCK_WORDS)})\b"
_HALF_DAY = r"(?P<{}>a\.?m\b\.?|p\.?m\b\.?)"
_UNITS = (
    r"(?:years?|hours?|hrs?|times|weeks?|days?|months?|min|mins|minutes|percent|people|kg|mg|km|pounds|kr"
    r"|o'clock\s+at)\b"
)
_AT = r"(?:at|by|around|about|from|before|after|@|ca\.?)\s*(?:about\s+|around\s+)?"
CLOCK = (
    r"(?:(?:at|by|around|about)\s+)?(?:a\s+)?(?P<over>quarter|five|ten|twenty[- ]five|twenty|5|10|20"
    r"|25)\s+(?:min(?:ute)?s?\s+)?(?P<over_or_to>past|after"
    rf"|to)\s+(?P<over_hour>{_HOUR})(?!\s*{_UNITS})(?:\s*{_HALF_DAY.format('over_meridiem')})?"
    rf"|(?:{_AT})?half[- ](?:past\s+)?(?P<half_past>{_HOUR})(?!\s*{_UNITS})(?:\s*{_HALF_DAY.format('half_meridiem')})?"
    rf"|(?:{_AT})?(?P<meridiem_hour>1[0-2]|0?\d"
    rf"|{any_of(_CLOCK_WORDS)})(?:[.:](?P<meridiem_minute>[0-5]\d))?\s*{_HALF_DAY.format('meridiem')}"
    rf"|(?:{_AT})?(?P<o_clock>{_HOUR})\s+o'?clock\b"
    rf"|{_AT}(?P<four_digits>(?:2[0-3]|[01]\d)[0-5]\d)(?![\d:/]|\.\d)"
    rf"|{_AT}(?P<hour>{_HOUR})(?:[.:](?P<minute>[0-5]\d))?(?![\d/%]|[.:]\d|{_ORDINAL}\b|(?:\s*-\s*\d+)?\s*{_UNITS}"
    rf"|\s+(?:of\s+)?{_MONTH})"
    r"|between\s+(?P<from_hour>2[0-3]|[01]?\d)(?:[.:](?P<from_minute>[0-5]\d))?\s+and\s+[012]?\d(?:[.:][0-5]\d)?\b"
    rf"(?!\s*{_UNITS})"
    r"|(?<![\d.:/,])(?P<colon_hour>2[0-3]|[01]?\d):(?P<colon_minute>[0-5]\d)(?![\d:/,])"
)
BARE_CLOCK = (
    r"(?<![\d.:/,])(?P<bare_hour>2[0-3]|[01]?\d)[.:](?P<bare_minute>[0-5]\d)(?![\d:/,%]|\.\d|\s*(?:kr|kg|mg|km|hour))"
)
BARE_HOUR = (
    rf"(?<![\d.:/,])(?P<only_hour>1\d|[89])(?:\s*-\s*(?:2[0-3]|1\d|[1-9]))?(?![\d:/,%]|[.]\d|{_ORDINAL}"
    rf"|\s*(?:{any_of(MONTHS_EN)}|{_UNITS}))\b"
)
CLOCK_END = r"(?:\s*(?:-|–|to|until|till)\s*[012]?\d(?:[.:][0-5]\d)?(?:\s*[ap]m)?\b(?!\.?\s*/|\s*(?:days|weeks)))?"
PART = rf"(?P<today_part>this\s+)?(?:(?:on|in)\s+the\s+(?=morning|afternoon|evening))?(?P<part>{any_of(PARTS_EN)})\b"
EVERY = (
    rf"(?:every|each)\s+(?:(?P<nth>other|second|third|fourth|\d\d?(?:st|nd|rd|th)?)\s+(?:(?P<nth_weekday>{_LONG})"
    r"|(?P<nth_unit>weeks?|months?|days?)\b)"
    r"|(?P<every_count>two|three|four|\d\d?)\s+(?P<every_count_unit>weeks|months|days)\b"
    r"|(?P<every_fortnight>fortnight)\b"
    rf"|(?P<every_weekdays>{_LONG}(?:(?:,\s*|\s+and\s+){_LONG})*)"
    r"|(?P<every_part>morning|afternoon|evening)\b|(?P<every_unit>weekday|working\s+day|day|week|month|quarter)\b)"
    rf"|(?:on\s+)?the\s+(?P<monthly_nth>first|last|1st)\s+(?P<monthly_weekday>{_LONG})\s+(?:of|in)\s+(?:every|each"
    r"|the)\s+month"
    r"|(?P<adverb>weekly|monthly|fortnightly|daily)\b"
)
FOR_WEEKS = (
    rf"for\s+(?:the\s+next\s+)?(?P<for_count>{_NUMBER})\s+(?P<for_unit>weeks|months|days)\b"
    r"|(?P<rest_of>(?:for\s+)?the\s+rest\s+of\s+(?:the|this)\s+(?P<rest_unit>week|month|year))\b"
)

TOKENS = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "every": EVERY, "for_long": FOR_WEEKS, **{n: p for n, p in DAYS.items() if n.startswith("doctor")},
            "in_days": DAYS["in_days"], "new_year_part": DAYS["new_year_part"],
            "clock": rf"(?:{CLOCK}){CLOCK_END}",
            **{n: p for n, p in DAYS.items() if n not in ("in_days", "new_year_part") and not n.startswith("doctor")},
            "bare_clock": BARE_CLOCK + CLOCK_END, "bare_hour_token": BARE_HOUR, "day_part": PART,
        }.items()
    )
    + ")"
)  # fmt: skip
_PREFIXES = re.compile(
    r"\b(?:(?P<before>(?:the\s+)?day\s+before|before|ahead\s+of)|(?P<after>(?:the\s+)?day\s+after|after|following)"
    r"|(?P<until>until|till|til|up\s+to|through)|(?P<to>to|for)|(?P<since>since)|(?P<begins>starting|beginning"
    r"|from))\s+(?:on\s+)?$"
)

# ---------------------------------------------------------------- what makes a clause a plan
_BASE = (
    r"call|ring|phone|report back|get in touch|get back in touch|be called|be rung|be picked up|be contacted"
    r"|be seen|text"
    r"|email|e-mail|mail|message|write|send|follow up|follow-up|check|try|meet|see (?:him|her|them|each|you|the)"
    r"|contact|remind|remember|evaluate|review|ask|hear"
    r"|get back|come back to|touch base|catch up|book|arrange|schedule|visit|pick (?:him|her|them|it|up)|go with"
    r"|go along|accompany|invite|discuss|drop by|drop in|drop off|pop (?:by|in|over|round)|stop by|come by|come in"
    r"|come again"
    r"|chase|nudge|go for a walk|take a walk|walk with|talk|speak|chat|prepare|update|inform|find out|look into"
    r"|clarify|apply|fill in|hand in|submit|attend|coordinate|plan|make an appointment|make a plan"
    r"|have (?:an answer|a reply|a chat|a talk|a call|a meeting)|get (?:an answer|a reply|hold of)|wait for|set up"
    r"|sort out|raise|reply|respond|confirm|register|enrol|let (?:him|her|them) know|give (?:him|her|them|the)"
)
_ING = (
    r"(?:coming|heading|going|dropping|swinging) (?:by|in|over|round|to see)|coming to (?:me|my|the office)"
    r"|calling|touching base|ringing|phoning|texting|emailing|mailing|messaging|writing to|sending|following up"
    r"|checking|trying|meeting (?:him|her|them|up)|seeing|contacting|reviewing|visiting|picking (?:him|her|them"
    r"|up)|going with"
    r"|going along"
    r"|popping|dropping|catching up|talking to|talking with|speaking to|speaking with|chasing|accompanying"
    r"|getting back|walking with|joining"
)
#: So a note begins that leaves out "I".
_BEGINS = (
    r"(?:do|make|bring|take (?:stock|it up|part|him|her|them|it|the)|help|show|give|deliver|draft|finish|complete"
    r"|sign|print|upload"
    r"|file|log|look (?:at|up|over|into)|resume|continue|revisit|go (?:over|through|and see|with|to see)|order"
    r"|fetch|get (?:the|hold|him|her|an|a|back)"
    r"|put|hand over|forward|escort|drive|catch|rebook|reschedule|start (?:the|up|with)|run|pass|share"
    r"|double[- ]check|ensure|make sure|see if|see how|explore|pencil|put in|report|consider|open|close the case"
    r"|swap|agree"
    r"|(?!(?:sleeping|working|feeling|living|going|getting|having|being|eating|drinking|starting|moving|travelling"
    r"|turning|struggling|looking|morning|evening|doing|hoping|dreaming|wanting|waiting|staying|nothing|something"
    r"|anything|everything|taking|losing|training|playing|celebrating|during|spring|king|ring|bring|thing"
    r"|finishing|leaving|coming|running|walking|studying|driving|attending|showing)\b)[a-z]{3,20}ing)"
)
_FINITE_3 = (
    r"(?<=he )comes (?:on|in|by|to|at|tomorrow)|calls|rings|texts|emails|writes|sends|gets back|comes back|meets"
    r"|visits|books|asks|lets me|reports|returns"
    r"|phones"
)
_AGREED = (
    r"agreed|agree|promised|promises|said|says|arranged|planned|plans|asked|asks|decided|wants|wanted"
    r"|would like|\w+'d like|suggested|proposed|offered|will|going to|need to|needs to|told|booked|set|\w+'ll"
    r"|would|should|must|have to|remember"
)
_PLAN_NOUNS = (
    r"meeting|appointment|appt|call|phone call|video call|walk|home visit|school visit|visit (?:to|at)|talk|chat"
    r"|review|follow-up|followup|f/u|interview|deadline|check-in|catch-up|catch up|consultation"
    r"|moved to|postponed to|rescheduled to|rescheduled for|pushed to|brought forward to|new time|new date"
    r"|reminder|evaluation|introduction day|intro day|session with|status meeting|reply|answer|coffee (?:with|at"
    r"|on|tomorrow)"
    r"|tour|status|(?:like|wants|wanted|asked for) an? (?:\w+ )?(?:update|call|visit|message|word)|next contact"
    r"|first time|in the diary|in my diary|in the calendar|set aside|(?:like|want|wants"
    r"|new|another|arrange) (?:a )?visit|agreed (?:on|for)|arranged for|set for|booked for|scheduled for"
    r"|planned for|next time"
)
_FIRST_PERSON = (
    rf"(?<!\w\s)(?<!\w){_BEGINS}(?=\s)|(?:should|must|need to|needs to)\b(?=.{{0,80}}\b(?:by|before|no later than"
    r"|at the latest)\b)|"
    r"(?:i|we)\s+(?:do|see|go|meet|talk|speak|visit|take|start|call|ring|text)\b|(?:i|we)\s+(?:am|are)\s+(?:with"
    r"|at|there)\b|"
    r"(?:i|we)(?:'ll|\s+will|\s+shall|'m\s+going\s+to|'re\s+going\s+to|\s+am\s+going\s+to|\s+are\s+going\s+to"
    r"|\s+need\s+to|\s+must|\s+should|\s+have\s+to|\s+plan\s+to|\s+intend\s+to|\s+want\s+to|\s+can)"
    r"|(?:i'm|we're|i am|we are) (?!having|feeling|being|living|getting|going (?!to|with|round|over"
    r"|by))[a-z]{3,20}ing|(?<!\w\s)(?<!\w)will (?!be\b|have\b|need\b|probably be\b)\w+"
    r"|(?<!\w\s)(?<!\w)\w{3,20}ing (?:him|her|them)\b|let's|let us|(?:must|should|will|needs? to|has to|have to"
    r"|to) be (?!paid|taken)\w+(?:ed"
    r"|sent|done|made|told"
    r"|given|written)|i'd like to|(?:remember|need|have|plan|aim|promised|agreed) to (?!be\b)\w+|don't forget to"
)
_ACTS = (
    r"call|ring|phone|get in touch|get back in touch|be called|be rung|be picked up|be contacted|be seen|text"
    r"|email|e-mail|mail|message|write|send|contact|let (?:me|us)|get back|come back|come by|come in|come to (?:me"
    r"|my|the office)|drop by|drop in|pop in|book|ask|check|apply|hand in|submit|reply|respond|confirm|report"
    r"|speak to|speak with|talk to|talk with|find out|look into|fill in|register|give|make an appointment|return"
    r"|bring|sort out|arrange"
)
_THIRD = (
    r"(?:he|she|they|he's|she's|they're|he'll|she'll|they'll|he'd|she'd|client|citizen|the citizen|the young person)"
)
_FAMILY = (
    r"mum|mom|mother|dad|father|sister|brother|boyfriend|girlfriend|friend|friends|mates?|gran|grandmother"
    r"|grandma|grandad|grandfather|parents|family|children|kids|child|daughter|son|ex|cousin|cousins|aunt|uncle"
    r"|dog|partner|husband|wife|niece|nephew"
)
_MEDICINE = r"(?:medicine|medication|meds|pills?|tablets?|sertraline|ritalin|dose|vitamins?|injection)"
_BLOCKED = (
    r"not|\w+n't|cannot|never|no longer|nobody|nothing|none|neither|cancelled|canceled|cancels|called off"
    r"|calls off|is off|are off|fell through|falls through|dropped|declined|declines|refused|refuses|no need"
    r"|no meeting"
    r"|no appointment|no plans?"
    r"|usually|always|normally|generally|typically|tends to|used to|often|as a rule|most (?:days|mornings|evenings"
    r"|weeks)|every time|whenever|tried|missed|forgot|forgotten|would have|should have|could have|had (?:planned"
    r"|wanted|hoped|meant)"
    r"|yesterday|last (?:week|month|year|time|night|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?! of| in)"
    r"|(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days|ago|earlier (?:today|this week)|without|instead of"
    r"|rather than"
    r"|dreams?|dreamt|dreaming|dreamed|wishes|in vain|too tired|can be reached|opening hours|open (?:from|mon)"
    r"|available (?:on|from|mon)|no show"
    r"|at\s*(?:2[4-9]|[3-9]\d)(?![\d:]|\s*(?:am|pm))"
    rf"|(?:takes?|taking|took|on|gets?)\s+(?:\w+\s+){{0,3}}?{_MEDICINE}|{_MEDICINE}\s+(?:at|\d)|\d+\s*(?:mg|ml"
    r"|tablets|pills)"
)
_PAST = (
    r"didn't|was|were|had|went|came|got|said|told|talked|spoke|called|rang|texted|wrote|met|saw|asked|answered"
    r"|attended|held|gave|sounded|could|started|ended|slept|woke|ate|did|felt|visited|emailed|sent|discussed|heard"
    r"|picked|drove|took|left|"
    r"phoned|mentioned|explained|checked|(?:has|have|he's|she's|i've|we've) (?!to )(?:\w+ ){0,2}?(?:been|had|got|held"
    r"|talked|met|called|written|attended|answered|spoken|seen|sent|gone|done|asked|visited|moved|started|made)"
    r"|(?<!be )(?<!been )(?!agreed|booked|scheduled|planned|arranged|moved|postponed|rescheduled|changed|need"
    r"|needed|indeed|speed|feed|pushed|promised|reserved|expected|asked me)\w{3,20}ed"
)

ENGLISH = Grammar(
    tokens=TOKENS,
    prefixes=_PREFIXES,
    nothing_between=re.compile(r"[\s,]*(?:(?:on|of|the|from|again)\s*){0,2}"),
    and_between=re.compile(r"\s*(?:,|and|or|\+|&|/)\s*(?:and\s+|or\s+)?(?:again\s+)?(?:on\s+)?"),
    moved_to=re.compile(r"\b(?:moved|postponed|rescheduled|pushed|brought forward|changed)\b.{0,120}?\b(?=(?:to"
        r"|for|until)\b)"),
    clause_end=re.compile(
        r",(?!\s*(?:at\s|the\s\d|half\b|\d|quarter\b|morning|afternoon))\s*|:\s|\s[-–]{1,2}\s|\s?->\s?|[()]"
        r"|\bbut\b|\bbecause\b|\s/\s"
        r"|(?=\b(?:if|when|once|unless|instead of)\b)|(?:(?<=no answer)|(?<=no reply)|(?<=no response)"
        r"|(?<=no luck)|(?<=not home)|(?<=not in))\s(?!(?:before|by|on|at|until|after|yet|since|in|from|to)\b)"
        r"|(?<!\w)(?=(?:i'll|we'll)\b)"
        r"|\b(?:and|so|then)\b(?=\s+(?:then\s+)?(?:we|i|he|she|they|i'll|we'll|he'll|she'll|agreed|has|have|will"
        rf"|let's|then|to|need|{_BASE}|{_ING}|{_FINITE_3})\b)"
    ),
    plan_verbs=whole_words(rf"(?<!\ba )(?<!\ban )(?<!\bthe )(?<!\bhis )(?<!\bno )(?:{_BASE}"
        rf"|{_ING})", _FINITE_3,
        r"(?:asked|told) (?:him|her) to \w+|deadline (?:is|for)|(?:got|has|have|booked|given|arranged|made"
        r"|set up) (?:\w+ ){0,3}?(?:time|appointment|meeting"
        r"|appt)(?: with| at)?"),
    infinitives=whole_words(_BASE),
    agreed=whole_words(_AGREED),
    plan_nouns=whole_words(_PLAN_NOUNS),
    first_person=whole_words(_FIRST_PERSON),
    consultant=whole_words(r"i|we|i'll|we'll|i'm|we're|let's|wants to|would like|\w+'d like|be called|be rung"
        r"|be picked up|be contacted"),
    third_person=whole_words(_THIRD, _FINITE_3),
    by_citizen=whole_words(
        r"(?:got|has|booked|given) (?:\w+ ){0,3}?(?:time|appointment|appt) (?:with|at)",
        r"(?:\w+'s )?(?:promised|promises) to \w+|(?:will|would|\w+'d|\w+'ll|to|should|must|going to|(?:him|her"
        r"|them)self"
        rf"|needs to|agreed to|is to)\s+(?:\w+\s+)?(?:{_ACTS})|{_FINITE_3}|(?:is|\w+'s) (?:calling|ringing|texting"
        r"|emailing|writing|sending|getting back|coming(?! home| back| from| out))|(?<=he )comes(?! home| back"
        r"| from| out| to terms)"
    ),
    promised=whole_words(r"(?:(?:the|his|her|their)\s+)?(?!i\b|we\b|and\b|but\b|have\b|i've\b"
        r"|we've\b)\w{2,20} (?:has promised|promised|promises|is (?:calling|ringing|texting|emailing|writing"
        r"|getting back)|will (?:report|come (?:to|in|by)|call|ring|text|email|write|send|get back|contact|let me"
        r"|let us))"),
    private=whole_words(
        rf"(?P<family>(?:his|her|their)\s+(?:{_FAMILY})(?:'s|\s+(?:is|will|picks|comes|drives|takes"
        r"|visits))(?!\s+(?:call|ring|text|calling|ringing|get|let|contact|write|email)))",
        r"(?:meet|meeting|see|seeing|visit|visiting|call|calling|ring|pick up|picking up|talk to|dinner with"
        rf"|lunch with|coffee with)\s+(?:up\s+)?(?:with\s+)?(?:his|her|their|a|some)\s+(?:\w+\s+)?(?:{_FAMILY})"
    ),
    blocked=whole_words(_BLOCKED),
    excused=re.compile(r"\b(?:don't forget|do not forget|mustn't forget|not least|if not|why not)"),
    past=whole_words(_PAST),
    restart=re.compile(rf"(?<=\s)(?:(?:i|we|he|she)\s+)?(?:(?:will|need to|must)\s+(?:{_BASE})|i'll|we'll"
        rf"|{_ING})(?!\w)"),
    condition=re.compile(r"\s*(?:(?:but|and)\s+)?(?:if|unless|in case|when|once|as soon as)\b"),
    inverted=whole_words(r"i'll|we'll|(?:i|we) (?:will|need to|must)"),
    finite=whole_words(
        r"opens|closes|starts|ends|leaves|arrives|begins|departs|runs|stops|finishes|works|plays|lives|stays|turns"
        r"|gets|takes|is|are|has|have|will|can|must|should|does|do|goes|comes|\w+'s|\w{2,20}(?<!s)s(?=\s+(?:on|at"
        r"|in|for|to|up"
        r"|off|out|from|a|the|his|her)\b)"
    ),
    leisure=whole_words(
        r"(?:birthday|party|concert|wedding|christening|funeral|football|practice|training|match|gym|haircut"
        r"|hairdresser|cinema|holiday|class|classes|lessons?|exam|test|shift|work|wages|rent|medicine|pills|parcel"
        r"|bus|train|flight|ferry|lunch|breakfast|dinner|supper|sleep|bed|tv|film|swimming|church|club|game|closed"
        r"|open|off|school)"
    ),
    perhaps=whole_words(r"maybe|perhaps|possibly|if|unless|probably|hopefully|might|considering|hopes?|think"),
)  # fmt: skip
