"""Priorities of what goes out: emergencies first, then what somebody waits for; the others share what is left.

A warning to everybody is not held back at night, and in a chat it waits for no others nor they for it.
"""

EMERGENCY, ANSWER, WARNING, NOTICE = 0, 2, 4, 5
