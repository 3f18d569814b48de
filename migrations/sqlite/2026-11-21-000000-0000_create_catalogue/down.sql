DROP TABLE channel;
DROP TABLE municipality;
DROP TABLE procedure_alias;
DROP TABLE procedure_list_item;
DROP TABLE procedure_list;
DROP TABLE procedure;
DROP TABLE meta;
