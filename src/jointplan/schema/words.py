"""Chinese words for choices, and examples of what to fill in."""

from __future__ import annotations

from jointplan.schema.declare import Column, Kind

# A file may use either word; within one column no two choices share a Chinese word.
CHOICES_ZH = {
    "present": "现有",
    "new": "新增",
    "frozen": "已开工",
    "approved": "已批准",
    "maker": "生产企业",
    "seller": "卖家",
    "both": "兼营",
    "supplier": "供应商",
    "carrier": "承运商",
    "workshop": "共享车间",
    "views": "浏览",
    "carts": "加购",
    "searches": "搜索",
    "reviews": "评价",
    "hub": "集货中心",
    "port": "港口",
    "overseas_warehouse": "海外仓",
    "factory": "工厂",
    "parcel": "快递包裹",
    "air": "空运",
    "sea": "海运",
    "road": "公路",
    "rail": "铁路",
    "kg": "公斤",
    "m3": "立方米",
    "order": "单",
    "container": "整箱",
    "cm": "厘米",
    "in": "英寸",
    "m": "米",
    "lb": "磅",
    "t": "吨",
    "up": "进位",
    "nearest": "四舍五入",
    "cif": "到岸价",
    "fob": "离岸价",
    "declaration": "报关单",
    "supply": "供货",
    "subcontract": "外协",
    "knowledge": "技术",
    "finance": "资金",
    "cluster": "产业集群",
    "ecommerce": "跨境电商",
    "positive": "正向",
    "negative": "负向",
    "self": "自己",
    "members": "成员",
    "public": "公开",
    "rows": "明细",
    "aggregate": "汇总",
    "none": "不可见",
    "refuse": "拒绝",
    "protect": "保护客户",
    "keep_hours": "保留工时",
    "make": "生产",
    "ship": "发运",
}

_EXAMPLES = {
    "authority": "Reg. (EU) 2025/1234",
    "brand_owner": "F011",
    "carrier": "Yunda",
    "certificate": "CE",
    "channel": "Amazon",
    "code": "9610",
    "container": "40HC",
    "country": "CHN",
    "design": "D001",
    "destination": "DE",
    "document": "SO-1001",
    "family": "kettles",
    "export_mode": "9810",
    "firm": "F001",
    "firm_a": "F001",
    "firm_b": "F002",
    "hs": "851671",
    "indicator": "exports",
    "lane": "L01",
    "lat": "22.84",
    "lon": "113.24",
    "maker": "F001",
    "market": "DE",
    "material": "PP",
    "measure": "pool_orders",
    "name": "Shunde Kettle Works",
    "order": "SO-2001",
    "origin": "F001",
    "owner": "Lee Holdings",
    "partner": "F001",
    "period": "2025-Q1",
    "platform": "Amazon",
    "prerequisite": "share_demand_data",
    "process": "moulding",
    "product": "7758",
    "reason": "damaged",
    "region": "Shunde",
    "registration": "ZL202530012345.6",
    "rule": "express",
    "seller": "F011",
    "service": "FCL",
    "set_up_for": "P0001",
    "share": "0.5",
    "site": "HUB1",
    "sku": "P0001",
    "source": "Amazon",
    "supplier": "F031",
    "table": "sales",
    "tariff": "T01",
    "title": "Kettle 1.7 L, steel",
    "transit_days": "32",
    "unit": "kg",
    "unit_price": "29.90",
    "unit_value": "29.90",
    "transfer_price": "12.50",
    "volume": "0.012",
    "length": "30",
    "width": "20",
    "height": "20",
    "side_step": "1",
    "weight_rule": "express",
    "weight": "1.2",
    "year": "2025",
    "chain": "M001 > M002",
    "yield": "0.98",
}


def example(column: Column) -> str:
    """Return what a cell of the column may look like."""
    if column.choices:
        return column.choices[0]
    if column.kind is Kind.DATE:
        return "2025-03-03"
    if column.kind is Kind.CURRENCY:
        return "USD"
    if column.kind is Kind.COUNTRY:
        return "CN"
    if column.kind is Kind.BOOLEAN:
        return "yes"
    if column.name in _EXAMPLES:
        return _EXAMPLES[column.name]
    if column.kind is Kind.TEXT:
        raise KeyError(f"no example of {column.name}")
    if column.default:
        return f"{column.default:g}"
    return "1" if column.kind is Kind.INTEGER or column.unit.startswith("share") else "100"
