"""NemSMS through KOMBIT's Postkomponent (SF1601) on Serviceplatformen, as Digital Post's MeMo messages.

    access.py     who we are: OCES3 certificate → SAML token → access token
    memo.py       the message as XML (pure)
    gateway.py    the two calls: is the citizen enrolled, and send
    receipts.py   what came of it: PKO_PostStatus, handed on by Fælleskommunal Beskedfordeler (SF1461) (pure)

The simulator (`fut/simulator/nemsms.py`) answers at the same addresses with the same shapes.

What is known, and from where. KOMBIT's own documents are for those with a service agreement; this was written from
public material: two open clients in use at municipalities (itk-dev/serviceplatformen in PHP and
itk-dev-rpa/python-serviceplatformen), KOMBIT's public samples for Beskedfordeler, and the receipt types in
OS2valghalla.

- Read in two or more of them: the addresses, the three steps to a token and their bodies, the headers, the
  `kombi_request` around the message, the names and the order of the MeMo elements, that the prefix must be `memo`,
  the fields of `PKO_PostStatus`, its Base64 in the envelope, and the answer that Beskedfordeler expects.
- To be tried in exttest before the first real message: whether `/memos` takes a NemSMS of version 1.2 with and
  without `mandatory` and `legalNotification` (`SF1601_LEGAL_FIELDS`); with which status a second sending of the same
  messageUUID is answered, should it not be taken as the first; the status words of a NemSMS's receipts (Digital
  Post's are known); and whether the server's certificates are in the system's trust store (`SF1601_TRUST`).
"""
