"""Ids as the API writes them and as the database keeps them: 26 digits of Crockford's base32 are a UUID."""
import uuid

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def uuid_of(public_id):
    number = 0
    for digit in public_id.rpartition("_")[2]:
        number = number * 32 + DIGITS.index(digit)
    return uuid.UUID(int=number)


def public_id(prefix, value):
    number = uuid.UUID(str(value)).int
    return prefix + "".join(DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
