"""Files of rows: what CSV files, workbooks and Parquet files hold, and what their cells mean."""
