DROP TABLE kept_answer;
DROP TABLE audit;
DROP TABLE session;
DROP TABLE api_token;
