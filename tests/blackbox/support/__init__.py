"""What the black-box tests stand on: a server that can be killed, a receiver that can misbehave, and a look into the database."""
