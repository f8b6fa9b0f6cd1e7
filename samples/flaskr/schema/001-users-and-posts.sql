create table user (
	id integer primary key autoincrement,
	username text not null unique collate nocase,
	password text not null -- its hash
);

create table post (
	id integer primary key,
	author_id integer not null references user(id),
	created text not null default current_timestamp,
	title text not null,
	body text not null default ''
);

create index post_by_time on post(created desc, id desc);
