"""What all pages share: how they answer, how they page, how they write times and stages."""
