"""The pages of the Medarbejdermodul, one module a group of pages."""
