create table my_things (
	id integer primary key autoincrement,
	text text not null,
	done integer not null default 0
);
