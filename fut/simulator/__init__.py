"""A stand-in for the platform and for NemSMS: a process of its own, with a store of its own, spoken to over HTTP.

    FUT_CLIENT_ID=… FUT_CLIENT_SECRET=… FUT_SIMULATOR_PORT=8002 FUT_SIMULATOR_DATA=folder python -m fut.simulator

It keeps the rules that the implementation guide states, and answers in the shapes of recorded exchanges.
It knows nothing of the application: from `fut` it uses only the pure tables and checks. What it does, what can be set
and how to make it fail stands in docs/fut.md.
"""
