"""The joint plan: batches, division of labour, stock and shipments."""
