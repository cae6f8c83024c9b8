"""The edge towards the shared telemedicine platform (FUT): facts, mapping, client, gateway and a simulator.

Nothing in here knows Django except the parts that join it to the project (`apps`, `models`, `channel`).
"""
