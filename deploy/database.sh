#!/bin/sh
# Run once by the image of PostGIS, when its data directory is new.
exec psql -U "${POSTGRES_USER:-postgres}" -d postgres -v app_password="$APP_PASSWORD" -v owner_password="$OWNER_PASSWORD" \
  -f /gridmap/database.sql
