"""A platform with HTTP interfaces, in a process of its own: REST, SOAP, GraphQL, tokens."""
