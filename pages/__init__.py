"""What all pages share: how they answer, how they page, and how they write times and stages."""
