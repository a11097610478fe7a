"""How sync scripts are usually written: for each record SQLAlchemy asks for the row, adds it when there is none, sets its
columns, and commits every 1,000 rows.

    get_or_add.py DATABASE_URL ROWS.jsonl
"""

import datetime
import decimal
import json
import sys

import sqlalchemy
from sqlalchemy.orm import Session, declarative_base


def main(url, path):
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    base = declarative_base()
    table = sqlalchemy.Table("calls", base.metadata, schema="telco", autoload_with=engine)
    call_class = type("Call", (base,), {"__table__": table})
    readers = {}
    for column in table.columns:
        kind = column.type.python_type if not isinstance(column.type, sqlalchemy.dialects.postgresql.JSONB) else dict
        if kind is datetime.datetime:
            readers[column.name] = datetime.datetime.fromisoformat
        elif kind is datetime.date:
            readers[column.name] = datetime.date.fromisoformat
        elif kind is decimal.Decimal:
            readers[column.name] = decimal.Decimal
    with Session(engine) as session:
        for number, line in enumerate(open(path)):
            row = json.loads(line, parse_float=decimal.Decimal)
            key = {name: row[name] for name in ("external_call_id", "account", "provider_id")}
            call = session.query(call_class).filter_by(**key).first()
            if call is None:
                call = call_class(**key)
                session.add(call)
            for name, value in row.items():
                if name in key or name == "id":
                    continue
                reader = readers.get(name)
                setattr(call, name, reader(str(value)) if reader and value is not None else value)
            if number % 1000 == 999:
                session.commit()
        session.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
