"""Looking back and showing around: indicators, maps as documents, the weekly brief."""
