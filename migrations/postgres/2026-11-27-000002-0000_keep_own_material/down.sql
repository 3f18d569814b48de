DROP TABLE material;
